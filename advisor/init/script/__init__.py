"""A script's source: values, options, slices, side effects."""
