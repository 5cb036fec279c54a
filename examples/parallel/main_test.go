package main

// The example prints the three answers in the order of the branches, whoever
// answers first.
func Example() {
	main()
	// Output: ["12.50 for Dune","9.90 for Dune","not in stock"]
}
