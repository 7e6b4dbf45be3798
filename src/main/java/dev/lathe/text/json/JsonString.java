package dev.lathe.text.json;

/**
 * A JSON text.
 *
 * @param text its characters, without quotes and escapes; every surrogate has its pair
 */
public record JsonString(String text) implements JsonValue {
    /**
     * A text.
     *
     * @throws IllegalArgumentException if a surrogate has no pair: such a text has no UTF-8
     */
    public JsonString {
        int unpaired = unpairedSurrogate(text);
        if (unpaired >= 0) {
            throw new IllegalArgumentException(
                    "an unpaired surrogate at character " + unpaired + " of a text; JSON has no place for it");
        }
    }

    /** Where the first surrogate without its pair is, or -1. */
    static int unpairedSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }

    @Override
    public String kind() {
        return "a text";
    }

    @Override
    public String toString() {
        return toJson();
    }
}
