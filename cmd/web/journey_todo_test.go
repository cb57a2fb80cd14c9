package main

func withoutScript(j journey) {}
func whatGoesWrong(j journey) {}
func everyPage(j journey)     {}
