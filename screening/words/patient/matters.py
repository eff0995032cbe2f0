"""The things that may matter most to a patient, in the patient's words."""

from screening.core.rules.ruleset import Matter
from screening.translation import Phrases

MATTER_WORDS = Phrases(
    {
        Matter.PAIN: "Less pain",
        Matter.HOME: "Walking and doing things at home",
        Matter.HOSPITAL: "Staying out of hospital",
        Matter.RISKS: "Knowing the risks",
        Matter.OTHER_FIRST: "Trying something else first",
        Matter.HOW_SOON: "Knowing how soon I will feel better",
        Matter.FAMILY: "Being with my family",
        Matter.DECIDING: "Knowing who decides what",
    }
)
