package dev.lathe.decode.constraint;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the characters of a class lead from a state. Immutable.
 *
 * @param isUniform whether all lead to the same state, or none leads anywhere
 * @param next that state; null if none leads anywhere, or it is not uniform
 */
record CharacterStep(boolean isUniform, AutomatonState next) {
    private static final CharacterStep MIXED = new CharacterStep(false, null);
    private static final CharacterStep NOWHERE = new CharacterStep(true, null);

    /** A character under way: the next byte is in a range, and so many follow it. */
    private record Partial(AutomatonState at, int low, int high, int following) {}

    /** One character further. */
    static CharacterStep of(AutomatonState from, CharacterClass characters) {
        return switch (characters) {
            case LOWER_CASE -> ofRange(from, 'a', 'z');
            case UPPER_CASE -> ofRange(from, 'A', 'Z');
            case DIGIT -> ofRange(from, '0', '9');
            case BEYOND_ASCII -> ofBeyondAscii(from);
        };
    }

    private static CharacterStep ofRange(AutomatonState from, int low, int high) {
        AutomatonState next = from.step((byte) low);
        for (int b = low + 1; b <= high; b++) {
            if (from.step((byte) b) != next) {
                return MIXED;
            }
        }
        return next == null ? NOWHERE : new CharacterStep(true, next);
    }

    /** RFC 3629, section 4: which bytes follow a first one. */
    private static CharacterStep ofBeyondAscii(AutomatonState from) {
        List<Partial> open = new ArrayList<>();
        boolean any = false;
        boolean all = true;
        for (int first = 0xC2; first <= 0xF4; first++) {
            AutomatonState at = from.step((byte) first);
            any |= at != null;
            all &= at != null;
            int low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
            int high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
            add(open, new Partial(at, low, high, first < 0xE0 ? 0 : first < 0xF0 ? 1 : 2));
        }
        if (!any || !all) {
            return any ? MIXED : NOWHERE;
        }
        AutomatonState next = null;
        for (int i = 0; i < open.size(); i++) {
            Partial partial = open.get(i);
            for (int b = partial.low(); b <= partial.high(); b++) {
                AutomatonState at = partial.at().step((byte) b);
                if (at == null || partial.following() == 0 && next != null && at != next) {
                    return MIXED;
                }
                if (partial.following() == 0) {
                    next = at;
                } else {
                    add(open, new Partial(at, 0x80, 0xBF, partial.following() - 1));
                }
            }
        }
        return new CharacterStep(true, next);
    }

    /** Adds what is not there yet; few are, and neighbours are mostly alike. */
    private static void add(List<Partial> open, Partial partial) {
        for (int i = open.size() - 1; i >= 0; i--) {
            Partial known = open.get(i);
            if (known.at() == partial.at()
                    && known.low() == partial.low()
                    && known.high() == partial.high()
                    && known.following() == partial.following()) {
                return;
            }
        }
        open.add(partial);
    }
}
