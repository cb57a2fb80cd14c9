package audit

// Sweep is what Run does now and then.
var Sweep = (*Log).sweep
