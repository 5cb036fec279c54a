package runtime

// WithSeed makes the executions of an Engine draw from one seed.
func (c EngineConfig) WithSeed(s Seed) EngineConfig {
	c.seed = s
	return c
}

// Resident returns how many executions are in memory.
func (e *Engine) Resident() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.resident)
}
