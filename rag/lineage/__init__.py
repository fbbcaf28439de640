"""Which record refers to which: referrals, follow-ups, families of records."""
