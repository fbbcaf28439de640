"""What a question names: times, departments, people, countries, records."""
