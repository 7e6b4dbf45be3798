package dev.lathe.chat;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.util.Optional;

/** Reads calls from a text that grows, by the format that a template writes them in. */
final class CallReader {
    private static final String ID = "call_";

    private final CallFormat format;
    private final long idSeed;
    private JsonEnd json = new JsonEnd();
    private ReplyPiece.CallPart part; // not yet taken; null for none
    private int toldLength; // of the arguments of the call under way
    private int count;
    private boolean failed;
    private boolean ended;

    CallReader(CallFormat format, long idSeed) {
        this.format = format;
        this.idSeed = idSeed;
    }

    CallFormat format() {
        return format;
    }

    /** Whether what came is no call. */
    boolean hasFailed() {
        return failed;
    }

    /** Whether a call was read to its end. */
    boolean hasEnded() {
        return count > 0;
    }

    /** Takes off what stands between text and calls. */
    void skipJoint(StringBuilder pending) {
        String joint = format.joint() == null ? "" : format.joint();
        if (!joint.isEmpty() && pending.indexOf(joint) == 0) {
            pending.delete(0, joint.length());
        }
    }

    /** The next call, taken off the text; empty if it is not there yet, or will not come. */
    Optional<ToolCall> next(StringBuilder pending) {
        if (failed || ended) {
            return Optional.empty();
        }
        Pattern pattern = new Pattern(pending.toString());
        String before = count == 0 ? format.opening().stripLeading() : format.separator() + format.prefix();
        if (count > 0 && !moreCalls(pattern, pending)) {
            return Optional.empty();
        }
        boolean whole = pattern.match(before);
        String name = whole ? pattern.name() : "";
        whole = whole && !name.isEmpty() && pattern.match(format.middle());
        int arguments = pattern.at;
        if (whole && (arguments >= pattern.text.length() || pattern.text.charAt(arguments) == '{')) {
            int end = arguments < pattern.text.length() ? json.find(pattern.text, arguments) : -1;
            pattern.at = Math.max(end, 0);
            if (end >= 0 && pattern.match(format.suffix())) {
                tell(pattern, name, pattern.text.substring(arguments, end));
                return taken(pending, pattern, name, pattern.text.substring(arguments, end));
            }
            failed = pattern.failed;
            if (!failed && format.suffix().indexOf(CallFormat.ID) < 0) {
                tell(pattern, name, pattern.text.substring(arguments, end < 0 ? pattern.text.length() : end));
            }
            return Optional.empty();
        }
        failed = pattern.failed || whole;
        return Optional.empty();
    }

    /** What was read of a call's arguments since this was asked last. */
    Optional<ReplyPiece> takePart() {
        Optional<ReplyPiece> taken = Optional.ofNullable(part);
        part = null;
        return taken;
    }

    private void tell(Pattern pattern, String name, String arguments) {
        if (!arguments.substring(toldLength).isBlank()) {
            part = new ReplyPiece.CallPart(count, id(pattern), name, arguments.substring(toldLength));
            toldLength = arguments.length();
        }
    }

    private String id(Pattern pattern) {
        return pattern.id.isEmpty() ? ID + Ids.of(idSeed * 31 + count, 9) : pattern.id;
    }

    private boolean moreCalls(Pattern pattern, StringBuilder pending) {
        if (!format.end().isEmpty()) {
            Pattern end = new Pattern(pending.toString());
            if (end.match(format.end())) {
                pending.delete(0, end.at);
                ended = true;
                return false;
            }
            if (!end.failed) {
                return false;
            }
        }
        ended = !format.several();
        return format.several() && !pattern.text.isEmpty();
    }

    private Optional<ToolCall> taken(StringBuilder pending, Pattern pattern, String name, String arguments) {
        JsonObject object;
        try {
            object = (JsonObject) JsonValue.parse(arguments);
        } catch (JsonException noJson) {
            failed = true;
            return Optional.empty();
        }
        pending.delete(0, pattern.at);
        json = new JsonEnd();
        String id = id(pattern);
        toldLength = 0;
        count++;
        return Optional.of(new ToolCall(id, name, object));
    }

    /** A text that is compared with a spelled pattern, from left to right. */
    private final class Pattern {
        private final String text;
        private int at;
        private boolean failed; // not merely too short
        private String id = "";

        Pattern(String text) {
            this.text = text;
        }

        boolean match(String pattern) {
            for (int i = 0; i < pattern.length(); i++) {
                char expected = pattern.charAt(i);
                int end = at;
                if (expected == CallFormat.ID || expected == CallFormat.NUMBER) {
                    while (end < text.length() && Character.isLetterOrDigit(text.charAt(end))) {
                        end++;
                    }
                    if (end == text.length()) {
                        return false;
                    }
                    id = expected == CallFormat.ID ? text.substring(at, end) : id;
                } else {
                    if (at == text.length()) {
                        return false;
                    }
                    failed = text.charAt(at) != expected;
                    end++;
                }
                if (failed) {
                    return false;
                }
                at = end;
            }
            return true;
        }

        /** The name up to what follows it; empty if it is not whole. */
        String name() {
            int end = format.middle().isEmpty()
                    ? text.indexOf('{', at)
                    : text.indexOf(format.middle().charAt(0), at);
            if (end < 0) {
                return "";
            }
            String name = text.substring(at, end);
            failed = name.isEmpty();
            at = end;
            return name;
        }
    }
}
