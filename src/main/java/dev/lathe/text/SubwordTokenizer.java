package dev.lathe.text;

import dev.lathe.text.SpecialTokenFinder.Fragment;
import dev.lathe.text.SpecialTokenFinder.Permission;
import dev.lathe.text.split.IntList;
import dev.lathe.text.template.MarkedText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.OptionalInt;

/** A tokenizer put together from its parts: what is special, and the model for all else. */
final class SubwordTokenizer implements Tokenizer {
    private final Vocabulary vocabulary;
    private final SpecialTokens special;
    private final SubwordModel model;
    private final boolean beginsOnce;
    private final SpecialTokenFinder finder;

    SubwordTokenizer(
            Vocabulary vocabulary,
            SpecialTokens special,
            SubwordModel model,
            BitSet takingSpaceAfter,
            BitSet takingSpaceBefore) {
        this(vocabulary, special, model, takingSpaceAfter, takingSpaceBefore, false);
    }

    /**
     * One with these parts.
     *
     * @param beginsOnce whether what stands after a special token does not begin anew, with a space put before it
     */
    SubwordTokenizer(
            Vocabulary vocabulary,
            SpecialTokens special,
            SubwordModel model,
            BitSet takingSpaceAfter,
            BitSet takingSpaceBefore,
            boolean beginsOnce) {
        this.vocabulary = vocabulary;
        this.special = special;
        this.model = model;
        this.beginsOnce = beginsOnce;
        BitSet found = vocabulary.ofTypes(Vocabulary.USER_DEFINED, Vocabulary.CONTROL, Vocabulary.UNKNOWN);
        finder = new SpecialTokenFinder(vocabulary, found, takingSpaceAfter, takingSpaceBefore);
    }

    @Override
    public int vocabularySize() {
        return vocabulary.size();
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        IntList out = new IntList();
        if (addSpecial) {
            out.addAll(special.prefix);
        }
        encode(text, (token, from, to) -> parseSpecial || isUserDefined(token), true, out);
        if (addSpecial) {
            out.addAll(special.suffix);
        }
        return out.toArray();
    }

    @Override
    public int[] encodePrompt(String text) {
        IntList out = new IntList();
        out.addAll(special.prefix);
        encode(text, (token, from, to) -> isUserDefined(token), true, out);
        return out.toArray();
    }

    @Override
    public int[] encode(MarkedText text, boolean continues) {
        BitSet written = new BitSet();
        for (Fragment fragment : finder.split(text.text(), (token, from, to) -> isTemplate(text, from, to))) {
            if (!fragment.isText() && !vocabulary.piece(fragment.token()).isBlank()) {
                written.set(fragment.token());
            }
        }
        IntList out = new IntList();
        encode(
                text.text(),
                (token, from, to) -> isTemplate(text, from, to) || isUserDefined(token) && !written.get(token),
                !continues,
                out);
        return out.toArray();
    }

    private static boolean isTemplate(MarkedText text, int from, int to) {
        return !text.isData(from) && text.stretchEnd(from) >= to;
    }

    private boolean isUserDefined(int token) {
        return vocabulary.type(token) == Vocabulary.USER_DEFINED;
    }

    private void encode(String text, Permission permission, boolean begins, IntList out) {
        String wellFormed = wellFormed(text);
        SubwordModel.Encoder encoder = model.newEncoder(out);
        boolean first = begins;
        for (Fragment fragment : finder.split(wellFormed, permission)) {
            if (fragment.isText()) {
                encoder.encode(wellFormed.substring(fragment.from(), fragment.to()), first);
            } else {
                out.add(fragment.token());
            }
            first = !fragment.isText() && !beginsOnce;
        }
    }

    private static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSurrogatePair(text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : 0)) {
                    return withoutUnpairedSurrogates(text);
                }
                i++;
            }
        }
        return text;
    }

    private static String withoutUnpairedSurrogates(String text) {
        int[] codePoints = text.codePoints().toArray();
        for (int i = 0; i < codePoints.length; i++) {
            if (codePoints[i] >= Character.MIN_SURROGATE && codePoints[i] <= Character.MAX_SURROGATE) {
                codePoints[i] = 0xFFFD;
            }
        }
        return new String(codePoints, 0, codePoints.length);
    }

    @Override
    public String decode(boolean renderSpecial, int... tokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean dropsSpace = model.prefixesSpace();
        for (int token : tokens) {
            byte[] rendered = renderSpecial && vocabulary.isSpecial(token)
                    ? vocabulary.piece(token).getBytes(StandardCharsets.UTF_8)
                    : bytes(token);
            if (rendered.length > 0) {
                int from = dropsSpace && rendered[0] == ' ' ? 1 : 0;
                bytes.write(rendered, from, rendered.length - from);
                dropsSpace = false;
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] bytes(int token) {
        String piece = vocabulary.piece(token);
        return switch (vocabulary.type(token)) {
            case Vocabulary.CONTROL, Vocabulary.UNKNOWN -> new byte[0];
            case Vocabulary.USER_DEFINED -> piece.getBytes(StandardCharsets.UTF_8);
            case Vocabulary.BYTE -> new byte[] {(byte) Vocabulary.byteValue(piece)};
            default -> model.bytes(piece);
        };
    }

    @Override
    public String piece(int token) {
        return vocabulary.piece(token);
    }

    @Override
    public boolean isControl(int token) {
        return vocabulary.type(token) == Vocabulary.CONTROL;
    }

    @Override
    public OptionalInt bos() {
        return SpecialTokens.optional(special.bos);
    }

    @Override
    public OptionalInt eos() {
        return SpecialTokens.optional(special.eos);
    }

    @Override
    public boolean addsBos() {
        return special.prefix.length > 0 && special.prefix[0] == special.bos;
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        return special.isEndOfGeneration(token);
    }

    @Override
    public OptionalInt find(String piece) {
        return SpecialTokens.optional(vocabulary.find(piece));
    }

    @Override
    public StreamDecoder newStreamDecoder(int... context) {
        boolean dropsSpace = model.prefixesSpace();
        for (int token : context) {
            dropsSpace &= bytes(token).length == 0;
        }
        return new StreamDecoder(this, dropsSpace);
    }
}
