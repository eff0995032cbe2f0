"""What every page needs: context, templates, dates, problems, form keys, logs."""
