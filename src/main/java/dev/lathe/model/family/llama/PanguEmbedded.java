package dev.lathe.model.family.llama;

import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** openPangu Embedded: as Llama with biases in attention, halves rotate. Huawei, "Pangu Embedded", 2025, arXiv 2505.22375. */
final class PanguEmbedded implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(keys::layer);
    }
}
