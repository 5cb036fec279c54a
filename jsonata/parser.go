package jsonata

// The parser is a Pratt parser: an operator has a binding power on its left, a
// form it takes where an operand is expected (prefix) and one where it follows
// an operand (infix).

// parser turns text into a syntax tree.
type parser struct {
	lexer    lexer
	tok      token // the current token
	defaults bool  // the dialect has ?: and ??
	budget   *int  // what compiling may still take
	depth    int   // of nested operands
	tallest  int   // height of the tallest tree that was completed
}

// infixForm completes an expression whose left side is read.
type infixForm struct {
	power int
	parse func(p *parser, op token, left *syntax) (*syntax, error)
}

// infixOf returns the form of an operator that follows an operand. Delimiters
// bind nothing.
func infixOf(op string) infixForm {
	switch op {
	case "(":
		return infixForm{80, (*parser).call}
	case "[":
		return infixForm{80, (*parser).predicate}
	case "@", "#":
		return infixForm{80, (*parser).bindContext}
	case ".":
		return infixForm{75, (*parser).binary}
	case "{":
		return infixForm{70, (*parser).groupBy}
	case "*", "/", "%":
		return infixForm{60, (*parser).binary}
	case "+", "-", "&":
		return infixForm{50, (*parser).binary}
	case "=", "!=", "<", "<=", ">", ">=", "in":
		return infixForm{40, (*parser).binary}
	case "~>":
		return infixForm{40, (*parser).apply}
	case "^":
		return infixForm{40, (*parser).orderBy}
	case "?:", "??":
		return infixForm{40, (*parser).orDefault}
	case "and":
		return infixForm{30, (*parser).binary}
	case "or":
		return infixForm{25, (*parser).binary}
	case "?":
		return infixForm{20, (*parser).conditional}
	case ":=":
		return infixForm{10, (*parser).bind}
	}
	return infixForm{}
}

// parse reads a whole expression.
func parse(text string, defaults bool, budget *int) (*syntax, error) {
	p := parser{lexer: lexer{text: text}, defaults: defaults, budget: budget}
	if err := p.advance("", true); err != nil {
		return nil, err
	}
	expr, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tokenEnd {
		return nil, fail("S0201", p.tok.pos).aboutToken(p.tok)
	}
	return expr, nil
}

// at reports whether the current token is the operator op.
func (p *parser) at(op string) bool { return p.tok.kind == tokenOperator && p.tok.text == op }

// advance goes on to the next token. The current one must be the operator
// expected, unless that is "". Operand says that a slash begins a regular
// expression there, as jsonata-js has it: after ( and [ it divides, and after
// the end of [], ^(...), a transform or a function it begins one.
func (p *parser) advance(expected string, operand bool) error {
	if expected != "" && !p.at(expected) {
		code := "S0202"
		if p.tok.kind == tokenEnd {
			code = "S0203"
		}
		return fail(code, p.tok.pos).aboutToken(p.tok).text("value", expected)
	}
	tok, err := p.lexer.next(operand, p.defaults)
	if err != nil {
		return err
	}
	if err := p.pay(tok); err != nil {
		return err
	}
	if tok.kind == tokenOperator && (tok.text == "!" || tok.text == "~") {
		return fail("S0204", tok.pos).aboutToken(tok)
	}
	p.tok = tok
	return nil
}

// pay takes a token off the budget.
func (p *parser) pay(tok token) error {
	*p.budget--
	if tok.kind == tokenRegex {
		*p.budget -= len(tok.text)
	}
	if *p.budget < 0 {
		return errTooLong
	}
	return nil
}

// expression reads an expression whose operators bind tighter than power.
func (p *parser) expression(power int) (*syntax, error) {
	if p.depth++; p.depth > maxHeight {
		return nil, p.tooDeep()
	}
	outer := p.tallest
	p.tallest = 0
	start := p.tok.start
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	left.height, left.start = p.tallest+1, start
	for p.tok.kind == tokenOperator {
		form := infixOf(p.tok.text)
		if form.power <= power {
			break
		}
		if left, err = p.infix(form, left); err != nil {
			return nil, err
		}
	}
	p.depth--
	p.tallest = max(outer, left.height)
	return left, nil
}

// infix reads one operator and its right side.
func (p *parser) infix(form infixForm, left *syntax) (*syntax, error) {
	op, below := p.tok, left.height
	p.tallest = 0
	if err := p.advance("", true); err != nil {
		return nil, err
	}
	node, err := form.parse(p, op, left)
	if err != nil {
		return nil, err
	}
	node.height, node.start = 1+max(below, p.tallest), left.start
	if node.height > maxHeight {
		return nil, p.tooDeep()
	}
	return node, nil
}

func (p *parser) tooDeep() error {
	return uncoded("Expression nests too deeply", ErrLimit)
}

// operand reads the beginning of an expression.
func (p *parser) operand() (*syntax, error) {
	tok := p.tok
	if tok.kind == tokenOperator {
		return p.prefix(tok)
	}
	if tok.kind == tokenEnd {
		return &syntax{kind: syntaxEnd, tok: tok}, nil
	}
	kinds := [...]syntaxKind{
		tokenName: syntaxName, tokenVariable: syntaxVariable, tokenString: syntaxString,
		tokenNumber: syntaxNumber, tokenValue: syntaxValue, tokenRegex: syntaxRegex,
	}
	return &syntax{kind: kinds[tok.kind], tok: tok}, p.advance("", false)
}

// prefix reads an operator in the place of an operand.
func (p *parser) prefix(op token) (*syntax, error) {
	switch op.text {
	case "*":
		return &syntax{kind: syntaxWildcard, tok: op}, p.advance("", false)
	case "**":
		return &syntax{kind: syntaxDescend, tok: op}, p.advance("", false)
	case "%":
		return &syntax{kind: syntaxParent, tok: op}, p.advance("", false)
	case "and", "or", "in":
		return &syntax{kind: syntaxName, tok: op}, p.advance("", false)
	case "-", "(", "[", "{", "|":
		if err := p.advance("", false); err != nil {
			return nil, err
		}
		return p.nested(op)
	}
	if err := p.advance("", false); err != nil {
		return nil, err
	}
	return nil, fail("S0211", op.pos).aboutToken(op)
}

// nested reads the rest of an operand that contains expressions.
func (p *parser) nested(op token) (*syntax, error) {
	switch op.text {
	case "(":
		return p.block(op)
	case "[":
		return p.array(op)
	case "{":
		pairs, err := p.members()
		return &syntax{kind: syntaxObject, tok: op, pairs: pairs}, err
	case "|":
		return p.transform(op)
	}
	operand, err := p.expression(70)
	return &syntax{kind: syntaxNegate, tok: op, lhs: operand}, err
}

// separated reads items with commas between them, and the operator end behind them.
// The next token is in infix position.
func (p *parser) separated(end string, item func() error) error {
	if !p.at(end) {
		for {
			if err := item(); err != nil {
				return err
			}
			if !p.at(",") {
				break
			}
			if err := p.advance(",", true); err != nil {
				return err
			}
		}
	}
	return p.advance(end, false)
}

// after reads an operator and the expression that follows it.
func (p *parser) after(op string) (*syntax, error) {
	if err := p.advance(op, true); err != nil {
		return nil, err
	}
	return p.expression(0)
}
