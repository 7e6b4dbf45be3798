package dev.lathe.model.family.gpt;

import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** CodeShell: as StarCoder, but rotates instead of learning positions. Xie et al., "CodeShell Technical Report", 2024, arXiv 2403.15747. */
final class CodeShell implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).ungated(GateFunction.GELU)).norms(NormKind.LAYER);
    }
}
