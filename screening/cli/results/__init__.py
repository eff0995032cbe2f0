"""Commands about stored assessments: replay and evidence."""
