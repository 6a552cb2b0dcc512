"""What the Workers did: invocations over time for GraphQL, and their logs for the observability API."""
