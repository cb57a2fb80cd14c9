package eventlog

// RegistryOf is Registry with other shapes of the past.
var RegistryOf = registryOf
