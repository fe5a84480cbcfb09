// Package parity asks Drydock what ansible-core was asked and says where the answers differ. The questions and ansible-core's answers are
// recorded in testdata/parity, whose README tells their form and what is compared; any other folder or table of that form will do.
package parity
