"""The needs of every page: context, templates, dates, problems, form keys, logs."""
