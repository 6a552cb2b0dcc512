"""One folder an outside system, or one file. Each implements a port; `bootstrap` alone imports them."""
