"""The pages of administrators: people, sites, changes of rights, reviews of access."""
