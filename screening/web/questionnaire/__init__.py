"""Pages that store nothing: the nurse's page, the options side by side, the sources."""
