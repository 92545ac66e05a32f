"""Second opinions: small programs that reach the product's results another way, and share no code with it."""
