"""Who may use the API and for what: tokens, their policies, what each endpoint asks for, how often."""
