package dev.lathe.lab.energy;

/** Where a number of joules comes from. The two are never mixed in one report. */
public enum EnergySource {
    /** A counter of the hardware. */
    MEASURED,
    /** A formula. */
    MODELLED
}
