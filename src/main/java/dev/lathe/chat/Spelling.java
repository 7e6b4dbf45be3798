package dev.lathe.chat;

import dev.lathe.decode.constraint.Grammars;
import dev.lathe.text.Tokenizer;
import dev.lathe.text.template.MarkedText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * Texts of tokens in which control tokens can be told from the same characters: a control token is its piece between
 * two unpaired surrogates, which no text has.
 */
final class Spelling {
    static final char BEGIN = '\uDFFE';
    static final char END = '\uDFFF';

    private Spelling() {}

    static String control(String piece) {
        return BEGIN + piece + END;
    }

    /** What a template laid out, as the model sees it. */
    static String of(Tokenizer tokenizer, MarkedText text) {
        return of(tokenizer, tokenizer.encode(text, true));
    }

    static String of(Tokenizer tokenizer, int... tokens) {
        StringBuilder spelled = new StringBuilder();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int token : tokens) {
            if (tokenizer.isControl(token)) {
                spelled.append(bytes.toString(StandardCharsets.UTF_8)).append(control(tokenizer.piece(token)));
                bytes.reset();
            } else {
                bytes.writeBytes(tokenizer.bytes(token));
            }
        }
        return spelled.append(bytes.toString(StandardCharsets.UTF_8)).toString();
    }

    /** A mark as the tokenizer makes it in a template: a control token if there is one of this piece. */
    static String mark(Tokenizer tokenizer, String piece) {
        OptionalInt token = tokenizer.find(piece);
        return token.isPresent() && tokenizer.isControl(token.getAsInt()) ? control(piece) : piece;
    }

    /** The bytes of it, as grammars want them. */
    static byte[] bytes(String spelled) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int from = 0; from < spelled.length(); ) {
            int begin = spelled.indexOf(BEGIN, from);
            int to = begin < 0 ? spelled.length() : begin;
            bytes.writeBytes(spelled.substring(from, to).getBytes(StandardCharsets.UTF_8));
            from = to;
            if (begin >= 0) {
                from = spelled.indexOf(END, begin) + 1;
                bytes.writeBytes(Grammars.controlToken(spelled.substring(begin + 1, from - 1)));
            }
        }
        return bytes.toByteArray();
    }

    /** It without its control tokens. */
    static String withoutControl(String spelled) {
        if (spelled.indexOf(BEGIN) < 0) {
            return spelled;
        }
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int begin = spelled.indexOf(BEGIN); begin >= 0; begin = spelled.indexOf(BEGIN, from)) {
            text.append(spelled, from, begin);
            from = spelled.indexOf(END, begin) + 1;
        }
        return text.append(spelled, from, spelled.length()).toString();
    }

    /** It with its control tokens as their pieces. */
    static String shown(String spelled) {
        return spelled.replace(String.valueOf(BEGIN), "").replace(String.valueOf(END), "");
    }

    /** Whether a place is inside of a control token. */
    static boolean isInsideControl(String spelled, int at) {
        int begin = spelled.lastIndexOf(BEGIN, at - 1);
        return begin >= 0 && spelled.indexOf(END, begin) >= at;
    }

    /** The control token or the tag that it begins with; empty if neither. */
    static String firstMark(String spelled) {
        if (!spelled.isEmpty() && spelled.charAt(0) == BEGIN) {
            return spelled.substring(0, spelled.indexOf(END) + 1);
        }
        int end = spelled.indexOf('>');
        boolean isTag = spelled.startsWith("<") && end > 0 && spelled.indexOf(BEGIN) != 1;
        return isTag ? spelled.substring(0, end + 1) : "";
    }
}
