"""One module a command: `configure(parser)` names its arguments, `run(args, context)` gives its exit code."""
