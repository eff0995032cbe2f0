"""What is done in a case: referral, answers, chases, calls, letters, handovers."""
