"""The pages that store nothing: the patient's questions, the nurse's page, the sources."""
