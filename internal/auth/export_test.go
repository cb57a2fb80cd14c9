package auth

// Clear is what Run does each hour.
var Clear = (*Service).clear
