package dev.lathe.chat;

import dev.lathe.decode.constraint.Constraint;
import dev.lathe.decode.constraint.ConstraintException;
import dev.lathe.decode.constraint.Grammar;
import dev.lathe.decode.constraint.Grammars;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The texts that a reply may be, by how the model writes calls and thinking. */
final class FormatGrammar {
    private static final Grammar BLANKS = Constraint.regex("[ \\n]{0,4}");
    private static final Grammar ID = Constraint.regex("[A-Za-z0-9]{9}");
    private static final Grammar NUMBER = Constraint.regex("[0-9]{1,4}");

    private final CallFormat format;
    private final TextFormat text;
    private final Grammar call; // name and arguments
    private final boolean several;

    FormatGrammar(CallFormat format, TextFormat text, List<Tool> tools, boolean several) {
        this.format = format;
        this.text = text;
        this.call = Grammars.anyOf(tools.stream().map(this::call).toList());
        this.several = several && format.several();
    }

    private Grammar call(Tool tool) {
        Grammar arguments;
        try {
            arguments = Constraint.jsonSchema(tool.parameters().toJson());
        } catch (ConstraintException e) {
            throw new ConstraintException("the tool \"" + tool.name() + "\": " + e.getMessage(), e);
        }
        return Grammars.sequence(literal(tool.name()), pattern(format.middle()), arguments);
    }

    /** Nothing but calls. */
    Grammar calls() {
        return calls(format.opening());
    }

    /** Calls, or a text, or a text and calls after it. */
    Grammar callsOrText(Optional<Grammar> ofText) {
        List<Grammar> options = new ArrayList<>();
        String marker = format.marker();
        if (marker.isEmpty()) {
            options.add(calls());
        } else {
            options.add(Grammars.sequence(BLANKS, literal(marker), callsBehind(marker)));
        }
        String behind = format.markerBehindText();
        if (ofText.isPresent()) {
            options.add(Grammars.sequence(literal(text.prefix()), ofText.get(), literal(text.suffix())));
        } else if (format.followText() && !behind.isEmpty()) {
            options.add(Grammars.sequence(literal(text.prefix()), Grammars.without(Spelling.bytes(behind))));
            options.add(Grammars.sequence(
                    literal(text.prefix()), Grammars.upTo(Spelling.bytes(behind)), callsBehind(behind)));
        } else {
            options.add(Grammars.sequence(
                    literal(text.prefix()),
                    Grammars.anyOf(List.of(
                            Grammars.literal(),
                            Grammars.sequence(BLANKS, Grammars.notBeginningWith(Spelling.bytes(marker)))))));
        }
        return Grammars.anyOf(options);
    }

    private Grammar callsBehind(String marker) {
        String joint = format.joint() == null ? "" : format.joint();
        String opening = format.opening().stripLeading();
        return calls(opening.startsWith(marker) ? opening.substring(marker.length()) : rest(joint + opening, marker));
    }

    private static String rest(String all, String marker) {
        return all.stripLeading().substring(marker.length());
    }

    private Grammar calls(String opening) {
        Grammar first = Grammars.sequence(pattern(opening), call, pattern(format.suffix()));
        if (!several) {
            return Grammars.sequence(first, pattern(format.end()));
        }
        Grammar another =
                Grammars.sequence(pattern(format.separator() + format.prefix()), call, pattern(format.suffix()));
        return Grammars.sequence(first, Grammars.repeated(another, 0), pattern(format.end()));
    }

    /** Thinking, opened already or not, and then something else. */
    static Grammar behindThinking(ThinkingFormat thinking, boolean isOpen, Grammar then) {
        Grammar thought = Grammars.sequence(Grammars.upTo(Spelling.bytes(thinking.close())), BLANKS, then);
        return isOpen
                ? thought
                : Grammars.anyOf(List.of(then, Grammars.sequence(BLANKS, literal(thinking.open()), thought)));
    }

    static Grammar literal(String spelled) {
        return Grammars.literal(Spelling.bytes(spelled));
    }

    private static Grammar pattern(String spelled) {
        List<Grammar> parts = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < spelled.length(); at++) {
            char c = spelled.charAt(at);
            if (c == CallFormat.ID || c == CallFormat.NUMBER) {
                parts.add(literal(spelled.substring(from, at)));
                parts.add(c == CallFormat.ID ? ID : NUMBER);
                from = at + 1;
            }
        }
        parts.add(literal(spelled.substring(from)));
        return Grammars.sequence(parts.toArray(Grammar[]::new));
    }
}
