timeout_s = 300
