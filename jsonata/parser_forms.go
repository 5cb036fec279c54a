package jsonata

import "strings"

// The forms of the language that are more than an operator between two
// operands.

func (p *parser) binary(op token, left *syntax) (*syntax, error) {
	right, err := p.expression(infixOf(op.text).power)
	return &syntax{kind: syntaxBinary, tok: op, lhs: left, rhs: right}, err
}

func (p *parser) apply(op token, left *syntax) (*syntax, error) {
	node, err := p.binary(op, left)
	if err == nil {
		node.kind = syntaxApply
	}
	return node, err
}

// block reads (a; b; c).
func (p *parser) block(op token) (*syntax, error) {
	node := &syntax{kind: syntaxBlock, tok: op}
	for !p.at(")") {
		expr, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		node.list = append(node.list, expr)
		if !p.at(";") {
			break
		}
		if err := p.advance(";", true); err != nil {
			return nil, err
		}
	}
	return node, p.advance(")", false)
}

// array reads [a, b, c..d].
func (p *parser) array(op token) (*syntax, error) {
	node := &syntax{kind: syntaxArray, tok: op}
	err := p.separated("]", func() error {
		item, err := p.expression(0)
		if err == nil && p.at("..") {
			dots := p.tok
			var high *syntax
			high, err = p.after("..")
			item = &syntax{kind: syntaxBinary, tok: dots, lhs: item, rhs: high}
		}
		node.list = append(node.list, item)
		return err
	})
	return node, err
}

// members reads k: v, k: v }.
func (p *parser) members() ([]pair, error) {
	var pairs []pair
	err := p.separated("}", func() error {
		key, err := p.expression(0)
		if err != nil {
			return err
		}
		value, err := p.after(":")
		pairs = append(pairs, pair{key, value})
		return err
	})
	return pairs, err
}

func (p *parser) groupBy(op token, left *syntax) (*syntax, error) {
	pairs, err := p.members()
	return &syntax{kind: syntaxBinary, tok: op, lhs: left, pairs: pairs}, err
}

// transform reads |pattern|update, delete|.
func (p *parser) transform(op token) (*syntax, error) {
	node := &syntax{kind: syntaxTransform, tok: op}
	var err error
	if node.lhs, err = p.expression(0); err != nil {
		return nil, err
	}
	if node.rhs, err = p.after("|"); err != nil {
		return nil, err
	}
	if p.at(",") {
		if node.third, err = p.after(","); err != nil {
			return nil, err
		}
	}
	return node, p.advance("|", true)
}

// predicate reads a[b], and a[], which keeps the result of a an array.
func (p *parser) predicate(op token, left *syntax) (*syntax, error) {
	if p.at("]") {
		innermost := left
		for innermost.kind == syntaxBinary && innermost.tok.text == "[" {
			innermost = innermost.lhs
		}
		innermost.keepArray = true
		return left, p.advance("]", true)
	}
	filter, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	return &syntax{kind: syntaxBinary, tok: op, lhs: left, rhs: filter}, p.advance("]", false)
}

// bindContext reads a@$v and a#$v.
func (p *parser) bindContext(op token, left *syntax) (*syntax, error) {
	right, err := p.expression(80)
	if err != nil {
		return nil, err
	}
	if right.kind != syntaxVariable {
		return nil, fail("S0214", right.tok.pos).about(op.text)
	}
	return &syntax{kind: syntaxBinary, tok: op, lhs: left, rhs: right}, nil
}

// orderBy reads a^(b, >c).
func (p *parser) orderBy(op token, left *syntax) (*syntax, error) {
	if err := p.advance("(", true); err != nil {
		return nil, err
	}
	node := &syntax{kind: syntaxBinary, tok: op, lhs: left}
	for {
		var term sortTerm
		if p.at("<") || p.at(">") {
			term.descending = p.tok.text == ">"
			if err := p.advance("", true); err != nil {
				return nil, err
			}
		}
		var err error
		if term.expr, err = p.expression(0); err != nil {
			return nil, err
		}
		node.terms = append(node.terms, term)
		if !p.at(",") {
			return node, p.advance(")", true)
		}
		if err := p.advance(",", true); err != nil {
			return nil, err
		}
	}
}

// bind reads $v := a.
func (p *parser) bind(op token, left *syntax) (*syntax, error) {
	if left.kind != syntaxVariable {
		return nil, fail("S0212", left.tok.pos).aboutToken(left.tok)
	}
	right, err := p.expression(9)
	return &syntax{kind: syntaxBind, tok: op, lhs: left, rhs: right}, err
}

// conditional reads a ? b : c, of which the last part may be missing.
func (p *parser) conditional(op token, left *syntax) (*syntax, error) {
	node := &syntax{kind: syntaxCondition, tok: op, lhs: left}
	var err error
	if node.rhs, err = p.expression(0); err != nil || !p.at(":") {
		return node, err
	}
	node.third, err = p.after(":")
	return node, err
}

// orDefault reads a ?: b and a ?? b.
func (p *parser) orDefault(op token, left *syntax) (*syntax, error) {
	right, err := p.expression(0)
	return &syntax{kind: syntaxDefault, tok: op, lhs: left, rhs: right}, err
}

// call reads f(a, b), f(a, ?) and function($x){...}.
func (p *parser) call(op token, left *syntax) (*syntax, error) {
	node := &syntax{kind: syntaxCall, tok: op, lhs: left}
	err := p.separated(")", func() error {
		if p.at("?") {
			node.kind = syntaxPartial
			node.list = append(node.list, &syntax{kind: syntaxHole, tok: p.tok})
			return p.advance("?", true)
		}
		arg, err := p.expression(0)
		node.list = append(node.list, arg)
		return err
	})
	if err == nil && left.kind == syntaxName && (left.tok.text == "function" || left.tok.text == "λ") {
		return p.lambda(node)
	}
	return node, err
}

// lambda reads what follows the parameters of a function definition.
func (p *parser) lambda(node *syntax) (*syntax, error) {
	for i, param := range node.list {
		if param.kind != syntaxVariable {
			return nil, fail("S0208", param.tok.pos).aboutToken(param.tok).num("value", i+1)
		}
	}
	node.kind = syntaxLambda
	if p.at("<") {
		if err := p.signature(node); err != nil {
			return nil, err
		}
	}
	var err error
	if node.rhs, err = p.after("{"); err != nil {
		return nil, err
	}
	return node, p.advance("}", true)
}

// signature reads <...> of a function definition.
func (p *parser) signature(node *syntax) error {
	var text strings.Builder
	text.WriteString("<")
	depth, start := 1, p.tok.pos
	for depth > 0 && !p.at("{") && p.tok.kind != tokenEnd {
		if err := p.advance("", true); err != nil {
			return err
		}
		switch {
		case p.at(">"):
			depth--
		case p.at("<"):
			depth++
		}
		if p.tok.kind == tokenNumber {
			text.WriteString(formatFloat(p.tok.num))
			continue
		}
		text.WriteString(p.tok.text)
	}
	if err := p.advance(">", true); err != nil {
		return err
	}
	sig, err := parseSignature(text.String())
	if err != nil {
		err.pos += start
		return err
	}
	node.sig = sig
	return nil
}
