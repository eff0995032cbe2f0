"""Other languages than English: their messages, and how they write days and numbers."""
