package dev.lathe.chat;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonValue;
import java.util.Map;
import java.util.Optional;

/**
 * The first call in a rendering.
 *
 * @param before what stands before its name, in its turn or after the call before it; with slots
 * @param middle what stands between its name and its arguments; with slots
 * @param end where its arguments end
 */
record Body(String before, String middle, int end) {
    /** Finds the first call of the turn that answers a prompt. */
    static Optional<Body> find(String prompt, String rendered, String openThinking) {
        int last = rendered.lastIndexOf(Probes.NAMES.getFirst());
        int start = start(beforeThinking(prompt, openThinking), rendered, last);
        return start < 0 ? Optional.empty() : Optional.ofNullable(of(rendered, last, start));
    }

    /** The call whose name is at a place; null if no arguments in JSON follow. */
    static Body of(String rendered, int name, int start) {
        int middle = name;
        while (middle < rendered.length() && Character.isLetter(rendered.charAt(middle))) {
            middle++;
        }
        int key = rendered.indexOf(Probes.KEY, middle);
        int open = key < 0 ? -1 : rendered.lastIndexOf('{', key);
        JsonEnd json = new JsonEnd();
        int end = open < middle ? -1 : json.find(rendered, open);
        if (end < 0 || !isArguments(rendered.substring(open, end))) {
            return null;
        }
        return new Body(withSlots(rendered.substring(start, name)), withSlots(rendered.substring(middle, open)), end);
    }

    private static boolean isArguments(String json) {
        try {
            return JsonValue.parse(json).equals(JsonValue.of(Map.of(Probes.KEY, Probes.VALUE)));
        } catch (JsonException noJson) {
            return false;
        }
    }

    static String withSlots(String text) {
        String slots = text;
        for (String id : Probes.IDS) {
            slots = slots.replace(id, String.valueOf(CallFormat.ID));
        }
        return slots;
    }

    /** A prompt without the thinking that it opens. */
    static String beforeThinking(String prompt, String open) {
        String text = prompt.stripTrailing();
        return open != null && text.endsWith(open) ? text.substring(0, text.length() - open.length()) : prompt;
    }

    /**
     * Where the answer to a prompt begins in a rendering that holds both: after the whole prompt, or else after the
     * longest end of it that the rendering has where the two part, since some templates put instructions after the
     * last message. -1 if there is none.
     */
    static int start(String prompt, String rendered, int limit) {
        int parting = 0;
        while (parting < prompt.length()
                && parting < rendered.length()
                && prompt.charAt(parting) == rendered.charAt(parting)) {
            parting++;
        }
        if (parting == prompt.length()) {
            return parting;
        }
        for (int from = Math.max(0, prompt.length() - 300); from < prompt.length(); from++) {
            String end = prompt.substring(from);
            int at = rendered.lastIndexOf(end, limit - end.length());
            if (at >= 0 && at <= parting && !Spelling.isInsideControl(prompt, from)) {
                return at + end.length();
            }
        }
        return -1;
    }
}
