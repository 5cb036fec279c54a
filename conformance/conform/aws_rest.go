package main

func (s *awsRun) testStates(c *awsCase) error { return needs("TestState") }
