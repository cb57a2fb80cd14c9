// Package pages holds the pages, one file a family, each made of the shell, parts and small pieces.
package pages
