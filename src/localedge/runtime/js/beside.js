// What stands beside a Worker in its process, as one isolate: the reader of bodies and the entrance of events.
export { default } from "reader.js";
export { Events } from "events.js";
