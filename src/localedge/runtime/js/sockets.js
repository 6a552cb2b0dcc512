// Passes a WebSocket on, message by message. workerd's own way is faster, but when a client closes first the answer to
// its close frame is lost, and the client is told 1006, abnormal closure.
const NO_CODE = new Set([1005, 1006, 1015]); // told, never sent

// The version's answer to an upgrade, with a WebSocket of the router's own in it.
export function relayed(response) {
  const far = response.webSocket;
  const [client, near] = Object.values(new WebSocketPair());
  for (const socket of [near, far]) {
    socket.accept();
    socket.binaryType = "arraybuffer";
  }
  passOn(near, far);
  passOn(far, near);
  return new Response(null, { status: 101, headers: response.headers, webSocket: client });
}

function passOn(from, to) {
  from.addEventListener("message", ({ data }) => {
    if (to.readyState === WebSocket.OPEN) to.send(data);
  });
  from.addEventListener("close", ({ code, reason }) => close(to, code, reason));
  from.addEventListener("error", () => close(to, 1011, ""));
}

function close(socket, code, reason) {
  if (socket.readyState === WebSocket.CLOSED) return;
  try {
    if (NO_CODE.has(code)) socket.close();
    else socket.close(code, reason);
  } catch {
    // It was closed already, by its other end.
  }
}
