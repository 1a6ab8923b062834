"""What a text claims: figures, days, records, people, and things done or promised."""
