package dev.lathe.text.template;

import dev.lathe.text.template.TemplateException.Reason;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts the source into tokens, with {@code trim_blocks} and {@code lstrip_blocks} on: the line break after a tag goes,
 * and so do the spaces before a tag that begins its line. A minus inside of a delimiter takes all space on its side, a
 * plus keeps it.
 */
final class Lexer {
    private static final int MAX_TOKENS = 500_000;

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private final StringBuilder brackets = new StringBuilder();
    private int at;
    private int line = 1;
    private int counted;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String source = template.indexOf('\r') < 0
                ? template
                : template.replace("\r\n", "\n").replace('\r', '\n');
        Lexer lexer = new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        lexer.run();
        return lexer.tokens;
    }

    private void add(Token token) {
        if (tokens.size() == MAX_TOKENS) {
            throw new TemplateException(
                    Reason.LIMIT, "the source has more than " + MAX_TOKENS + " tokens", token.line());
        }
        tokens.add(token);
    }

    private void run() {
        while (at < source.length()) {
            int start = at;
            int open = nextOpening(start);
            if (open < 0) {
                addText(source.substring(start));
                at = source.length();
                break;
            }
            addText(textBefore(start, open));
            at = open + 2;
            boolean signed = at < source.length() && (source.charAt(at) == '-' || source.charAt(at) == '+');
            at += signed ? 1 : 0;
            switch (source.charAt(open + 1)) {
                case '#' -> comment(open);
                case '{' -> inside(open, Token.Type.OUTPUT_BEGIN, Token.Type.OUTPUT_END, "}}");
                default -> {
                    int raw = rawBegin();
                    if (raw >= 0) {
                        at = raw;
                        raw(open);
                    } else {
                        inside(open, Token.Type.TAG_BEGIN, Token.Type.TAG_END, "%}");
                    }
                }
            }
        }
        add(new Token(Token.Type.END, "", null, lineAt(source.length())));
    }

    private int nextOpening(int from) {
        for (int open = source.indexOf('{', from); open >= 0; open = source.indexOf('{', open + 1)) {
            if (open + 1 < source.length() && "{%#".indexOf(source.charAt(open + 1)) >= 0) {
                return open;
            }
        }
        return -1;
    }

    /** The text up to a delimiter, stripped as the delimiter says. */
    private String textBefore(int start, int open) {
        char sign = open + 2 < source.length() ? source.charAt(open + 2) : 0;
        if (sign == '-') {
            int end = open;
            while (end > start && Text.isSpace(source.charAt(end - 1))) {
                end--;
            }
            return source.substring(start, end);
        }
        if (sign == '+' || source.charAt(open + 1) == '{') {
            return source.substring(start, open);
        }
        int spaces = open;
        while (spaces > start && source.charAt(spaces - 1) != '\n' && Text.isSpace(source.charAt(spaces - 1))) {
            spaces--;
        }
        boolean beginsLine = spaces == 0 || source.charAt(spaces - 1) == '\n';
        return source.substring(start, beginsLine ? spaces : open);
    }

    private void addText(String text) {
        if (!text.isEmpty()) {
            add(new Token(Token.Type.TEXT, text, null, lineAt(at)));
        }
    }

    /** The line of a place, which is never before the last one asked for. */
    private int lineAt(int place) {
        for (; counted < place; counted++) {
            line += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return line;
    }

    private void comment(int open) {
        int start = at;
        int end = source.indexOf("#}", start);
        if (end < 0) {
            throw error(open, "Missing end of comment tag");
        }
        at = end + 2;
        afterTag(end > start ? source.charAt(end - 1) : 0);
    }

    /** Skips what a closing delimiter takes with it. */
    private void afterTag(char sign) {
        if (sign == '-') {
            skipSpaces();
        } else if (sign != '+' && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
    }

    private void skipSpaces() {
        while (at < source.length() && Text.isSpace(source.charAt(at))) {
            at++;
        }
    }

    /** Where the text of a raw block begins, if the tag that opened here is one; else -1. */
    private int rawBegin() {
        int start = at;
        skipSpaces();
        int end = -1;
        if (source.startsWith("raw", at)) {
            at += 3;
            skipSpaces();
            boolean minus = at < source.length() && source.charAt(at) == '-';
            if (source.startsWith("%}", minus ? at + 1 : at)) {
                at += minus ? 3 : 2;
                if (minus) {
                    skipSpaces();
                }
                end = at;
            }
        }
        at = start;
        return end;
    }

    private void raw(int open) {
        int start = at;
        for (int tag = source.indexOf("{%", at); tag >= 0; tag = source.indexOf("{%", tag + 1)) {
            at = tag + 2;
            at += at < source.length() && (source.charAt(at) == '-' || source.charAt(at) == '+') ? 1 : 0;
            skipSpaces();
            if (!source.startsWith("endraw", at)) {
                continue;
            }
            at += 6;
            skipSpaces();
            char sign = at < source.length() ? source.charAt(at) : 0;
            at += sign == '-' || sign == '+' ? 1 : 0;
            if (source.startsWith("%}", at)) {
                at += 2;
                String text = textBefore(start, tag);
                if (!text.isEmpty()) {
                    add(new Token(Token.Type.TEXT, text, null, lineAt(start)));
                }
                afterTag(sign);
                return;
            }
        }
        throw error(open, "Missing end of raw directive");
    }

    private void inside(int open, Token.Type begin, Token.Type end, String closing) {
        add(new Token(begin, source.substring(open, open + 2), null, lineAt(open)));
        brackets.setLength(0);
        while (true) {
            skipSpaces();
            if (at >= source.length()) {
                throw error(at, "unexpected end of template, expected '" + closing + "'");
            }
            char sign = source.charAt(at);
            boolean signed = sign == '-' || sign == '+' && end == Token.Type.TAG_END;
            if (brackets.isEmpty() && source.startsWith(closing, signed ? at + 1 : at)) {
                add(new Token(end, closing, null, lineAt(at)));
                at += signed ? 3 : 2;
                if (end == Token.Type.TAG_END) {
                    afterTag(sign);
                } else if (signed) {
                    skipSpaces();
                }
                return;
            }
            token(sign);
        }
    }

    private void token(char first) {
        int start = at;
        if (first >= '0' && first <= '9') {
            number();
        } else if (first == '\'' || first == '"') {
            string(first);
        } else if (Character.isUnicodeIdentifierStart(source.codePointAt(at)) || first == '_') {
            while (at < source.length() && isNamePart(source.codePointAt(at))) {
                at += Character.charCount(source.codePointAt(at));
            }
            add(new Token(Token.Type.NAME, source.substring(start, at), null, lineAt(start)));
        } else {
            operator(first);
        }
    }

    private static boolean isNamePart(int character) {
        return Character.isUnicodeIdentifierPart(character) && !Character.isIdentifierIgnorable(character);
    }

    private void operator(char first) {
        boolean two = at + 1 < source.length();
        char second = two ? source.charAt(at + 1) : 0;
        boolean doubled = (first == '*' || first == '/') && second == first;
        boolean withEquals = second == '=' && "=!<>".indexOf(first) >= 0;
        String text = source.substring(at, doubled || withEquals ? at + 2 : at + 1);
        if ("+-/*%~[](){}=<>.:|,;".indexOf(first) < 0 && !text.equals("!=")) {
            throw error(at, "unexpected char '" + Character.toString(source.codePointAt(at)) + "'");
        }
        int open = "([{".indexOf(first);
        int close = ")]}".indexOf(first);
        if (open >= 0) {
            brackets.append(")]}".charAt(open));
        } else if (close >= 0) {
            int last = brackets.length() - 1;
            if (last < 0 || brackets.charAt(last) != first) {
                throw error(
                        at,
                        "unexpected '" + first + "'" + (last < 0 ? "" : ", expected '" + brackets.charAt(last) + "'"));
            }
            brackets.setLength(last);
        }
        add(new Token(Token.Type.OPERATOR, text, null, lineAt(at)));
        at += text.length();
    }

    private void number() {
        int start = at;
        boolean afterDot = start > 0 && source.charAt(start - 1) == '.';
        char marker = at + 1 < source.length() ? Character.toLowerCase(source.charAt(at + 1)) : 0;
        int radix = source.charAt(at) != '0' ? 10 : marker == 'x' ? 16 : marker == 'o' ? 8 : marker == 'b' ? 2 : 10;
        if (radix != 10) {
            at += 2;
            digits(radix, true);
            if (at > start + 2) {
                addInteger(source.substring(start + 2, at), radix, start);
                return;
            }
            at = start;
        }
        digits(10, false);
        int integerEnd = at;
        boolean real = !afterDot && (fraction() | exponent());
        if (real) {
            double value = Double.parseDouble(source.substring(start, at).replace("_", ""));
            add(new Token(Token.Type.LITERAL, "", value, lineAt(start)));
            return;
        }
        at = integerEnd;
        if (source.charAt(start) == '0') {
            at = start;
            while (at < integerEnd
                    && (source.charAt(at) == '0' || source.charAt(at) == '_' && source.charAt(at + 1) == '0')) {
                at++;
            }
        }
        addInteger(source.substring(start, at), 10, start);
    }

    private boolean fraction() {
        if (at + 1 < source.length() && source.charAt(at) == '.' && Character.digit(source.charAt(at + 1), 10) >= 0) {
            at++;
            digits(10, false);
            return true;
        }
        return false;
    }

    private boolean exponent() {
        int start = at;
        if (at < source.length() && (source.charAt(at) == 'e' || source.charAt(at) == 'E')) {
            at++;
            at += at < source.length() && (source.charAt(at) == '+' || source.charAt(at) == '-') ? 1 : 0;
            int first = at;
            digits(10, false);
            if (at > first) {
                return true;
            }
        }
        at = start;
        return false;
    }

    /** Skips digits, single underscores between them, and where allowed one before them. */
    private void digits(int radix, boolean leadingUnderscore) {
        boolean underscore = leadingUnderscore;
        while (at < source.length()) {
            char character = source.charAt(at);
            boolean digit = character < 0x80 && Character.digit(character, radix) >= 0;
            boolean joins = character == '_'
                    && underscore
                    && at + 1 < source.length()
                    && source.charAt(at + 1) < 0x80
                    && Character.digit(source.charAt(at + 1), radix) >= 0;
            if (!digit && !joins) {
                return;
            }
            underscore = digit;
            at++;
        }
    }

    private void addInteger(String digits, int radix, int start) {
        try {
            long value = Long.parseLong(digits.replace("_", ""), radix);
            add(new Token(Token.Type.LITERAL, "", value, lineAt(start)));
        } catch (NumberFormatException tooLarge) {
            throw new TemplateException(
                    Reason.UNSUPPORTED,
                    "the integer " + digits + " beyond 64 bits is not supported",
                    lineAt(start),
                    tooLarge);
        }
    }

    private void string(char quote) {
        int start = at++;
        StringBuilder text = new StringBuilder();
        while (at < source.length() && source.charAt(at) != quote) {
            char character = source.charAt(at++);
            if (character == '\\' && at < source.length()) {
                escape(start, text);
            } else {
                text.append(character);
            }
        }
        if (at >= source.length()) {
            throw error(start, "a string that has no end");
        }
        at++;
        add(new Token(Token.Type.LITERAL, "", MarkedText.ofTemplate(text.toString()), lineAt(start)));
    }

    private void escape(int start, StringBuilder text) {
        char character = source.charAt(at++);
        switch (character) {
            case '\n' -> {}
            case '\\', '\'', '"' -> text.append(character);
            case 'a' -> text.append('\u0007');
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            case 't' -> text.append('\t');
            case 'v' -> text.append('\u000b');
            case 'x' -> text.appendCodePoint(hex(start, 2));
            case 'u' -> text.appendCodePoint(hex(start, 4));
            case 'U' -> text.appendCodePoint(hex(start, 8));
            case 'N' ->
                throw new TemplateException(
                        Reason.UNSUPPORTED, "the escape \\N in a string is not supported", lineAt(start));
            case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                int value = character - '0';
                for (int i = 0;
                        i < 2 && at < source.length() && source.charAt(at) >= '0' && source.charAt(at) <= '7';
                        i++) {
                    value = value * 8 + source.charAt(at++) - '0';
                }
                text.append((char) value);
            }
            default -> text.append('\\').append(character);
        }
    }

    private int hex(int start, int count) {
        int end = at + count;
        int value = 0;
        for (; at < end; at++) {
            int digit = at < source.length() ? Character.digit(source.charAt(at), 16) : -1;
            value = digit < 0 || value > Character.MAX_CODE_POINT ? -1 : value * 16 + digit;
            if (value < 0) {
                throw error(start, "a broken \\x, \\u or \\U escape in a string");
            }
        }
        if (value > Character.MAX_CODE_POINT) {
            throw error(start, "a \\U escape beyond Unicode in a string");
        }
        return value;
    }

    private TemplateException error(int place, String detail) {
        return new TemplateException(Reason.SYNTAX, detail, lineAt(Math.max(place, counted)));
    }
}
