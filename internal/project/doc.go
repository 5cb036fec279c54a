// Package project holds the tests about the project itself: who may import
// whom, which names are taken, and that what the documents show is true.
package project
