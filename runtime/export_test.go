package runtime

// WithSeed makes the executions of an Engine draw from one seed.
func (c EngineConfig) WithSeed(s Seed) EngineConfig {
	c.seed = s
	return c
}
