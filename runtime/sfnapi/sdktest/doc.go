// Package sdktest holds runtime/sfnapi to the SDK of AWS for Go.
package sdktest
