"""Work on a case: referral, answers, chases, calls, letters, handovers."""
