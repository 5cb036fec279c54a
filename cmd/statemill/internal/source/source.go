// Package source finds and reads the definitions that commands work on.
package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/contrib/aslyaml"
)

// Definition is a workflow definition and where it comes from.
type Definition struct {
	File      string // as messages name it
	Machine   string // its name, if the file holds several; "" otherwise
	JSON      []byte
	Express   bool            // the file says so
	Given     []string        // names that the file fills in
	Warnings  asl.Diagnostics // of the format of the file
	translate func(asl.Diagnostics) asl.Diagnostics
	filled    filled
}

// Name returns how messages name the definition: "template.yaml#Order".
func (d *Definition) Name() string {
	if d.Machine == "" {
		return d.File
	}
	return d.File + "#" + d.Machine
}

// Translate leads the positions of findings about the JSON to the file.
func (d *Definition) Translate(findings asl.Diagnostics) asl.Diagnostics {
	if d.translate == nil {
		return findings
	}
	return d.translate(findings)
}

// Position leads a place in the JSON to the file.
func (d *Definition) Position(at asl.Position) asl.Position {
	return d.Translate(asl.Diagnostics{{Start: at, End: at}})[0].Start
}

// Loader reads sources. The zero Loader reads no standard input.
type Loader struct {
	Stdin     io.Reader
	StdinName string // how messages name it; "": "<stdin>"

	Read func(file string) // is told each file that is read; nil: nobody is
}

// ErrNothing is behind the error of a source in which no definition is.
var ErrNothing = errors.New("no definition was found")

// suffixes are the names of files that a folder is searched for.
var suffixes = []string{".asl", ".asl.json", ".asl.yaml", ".asl.yml"}

// skipped are folders that are not searched.
var skipped = []string{".git", "node_modules", ".aws-sam", "cdk.out"}

// Load reads sources: files, folders, patterns of names, and "-" for the standard input. A
// file may be a template of CloudFormation, SAM, CDK or the Serverless Framework, or what
// terraform show -json prints; FILE#NAME picks one of its state machines.
func (l Loader) Load(sources []string) (all []*Definition, err error) {
	for _, s := range sources {
		machine := ""
		if file, name, ok := strings.Cut(s, "#"); ok && !exists(s) {
			s, machine = file, name
		}
		files, err := l.expand(s)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			found, err := l.read(file)
			if err != nil {
				return nil, err
			}
			if machine != "" {
				if found, err = pick(found, file, machine); err != nil {
					return nil, err
				}
			}
			all = append(all, found...)
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("%w in %s: a folder is searched for *%s", ErrNothing, s, strings.Join(suffixes, ", *"))
		}
	}
	return all, nil
}

// Files returns the files that the sources are, without those that templates name.
func (l Loader) Files(sources []string) (all []string, err error) {
	for _, s := range sources {
		if file, _, ok := strings.Cut(s, "#"); ok && !exists(s) {
			s = file
		}
		files, err := l.expand(s)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}

// expand returns the files of a source.
func (l Loader) expand(source string) ([]string, error) {
	if source == "-" {
		return []string{source}, nil
	}
	info, err := os.Stat(source)
	switch {
	case err == nil && info.IsDir():
		return walk(source)
	case err == nil:
		return []string{source}, nil
	case strings.ContainsAny(source, "*?[{"):
		return match(source)
	}
	return nil, err
}

// match returns the files that a pattern matches, in which ** is any number of folders, but not
// those that are not searched.
func match(pattern string) (files []string, err error) {
	found, err := doublestar.FilepathGlob(pattern, doublestar.WithFilesOnly())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pattern, err)
	}
	named := strings.Split(filepath.ToSlash(pattern), "/")
	for _, file := range found {
		if !slices.ContainsFunc(strings.Split(filepath.ToSlash(file), "/"), func(folder string) bool {
			return slices.Contains(skipped, folder) && !slices.Contains(named, folder)
		}) {
			files = append(files, file)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%w: no file matches %s", ErrNothing, pattern)
	}
	return files, nil
}

func walk(folder string) (files []string, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != folder && slices.Contains(skipped, d.Name()) {
			return filepath.SkipDir
		}
		if !d.IsDir() && slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(d.Name(), s) }) {
			files = append(files, path)
		}
		return nil
	})
	return files, err
}

// largest is how many bytes of a file are read.
const largest = 64 << 20

func (l Loader) read(file string) ([]*Definition, error) {
	name, from := file, io.Reader(nil)
	if file == "-" {
		if name, from = l.StdinName, l.Stdin; name == "" {
			name = "<stdin>"
		}
		if from == nil {
			return nil, errors.New("there is no standard input")
		}
	} else {
		if l.Read != nil {
			l.Read(file)
		}
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, largest+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(text) > largest {
		return nil, fmt.Errorf("%s: the file is larger than %d MiB", name, largest>>20)
	}
	if all, ok, err := l.machines(name, text); ok || err != nil {
		return all, err
	}
	d, err := parse(name, text)
	if err != nil {
		return nil, err
	}
	return []*Definition{d}, nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// pick returns the definition with a name.
func pick(all []*Definition, file, machine string) ([]*Definition, error) {
	var names []string
	for _, d := range all {
		if d.Machine == machine {
			return []*Definition{d}, nil
		}
		names = append(names, d.Machine)
	}
	return nil, fmt.Errorf("%w: %s has no %s; it has %s", ErrNothing, file, machine, strings.Join(names, ", "))
}

// parse makes a definition of a text: JSON, or YAML.
func parse(name string, text []byte) (*Definition, error) {
	if !isYAML(name, text) {
		return &Definition{File: name, JSON: text}, nil
	}
	s, err := aslyaml.Read(text)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	return &Definition{File: name, JSON: s.JSON(), Warnings: s.Warnings(), translate: s.Translate}, nil
}

// isYAML tells by the name, and without one by the first character.
func isYAML(name string, text []byte) bool {
	switch filepath.Ext(name) {
	case ".yaml", ".yml":
		return true
	case ".json", ".asl":
		return false
	}
	return !bytes.HasPrefix(bytes.TrimLeft(text, "\ufeff \t\r\n"), []byte("{"))
}
