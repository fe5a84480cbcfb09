#!/no/such/interp
# WANT_JSON
