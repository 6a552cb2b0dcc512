"""The one durable workflow that carries any change: it asks the domain what to do next and does just that."""
