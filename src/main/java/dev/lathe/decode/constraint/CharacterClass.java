package dev.lathe.decode.constraint;

/** Sets of characters that most states do not tell apart. */
enum CharacterClass {
    LOWER_CASE,
    UPPER_CASE,
    DIGIT,
    BEYOND_ASCII;

    /** The class of a character; null of one by itself, such as a bracket. */
    static CharacterClass of(int character) {
        if (character >= 'a' && character <= 'z') {
            return LOWER_CASE;
        }
        if (character >= 'A' && character <= 'Z') {
            return UPPER_CASE;
        }
        if (character >= '0' && character <= '9') {
            return DIGIT;
        }
        return character < 128 ? null : BEYOND_ASCII;
    }
}
