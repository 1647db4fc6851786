class Rate:
    by = "address"
