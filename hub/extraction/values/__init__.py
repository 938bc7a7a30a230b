"""Values as people write them: numbers, dates, money, accounts and the conventions of one document."""
