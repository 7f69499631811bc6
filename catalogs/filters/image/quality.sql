-- Photographs whose BRISQUE is over $poor. It is high, too, for a smooth thing on a wide flat ground, so the cut is for the worst only.
-- Above $unknown it says nothing: the score of a picture that is unlike all that the model learned from tends to 156.
-- $poor = 80      about 0 (pristine) to 100 (poor)
-- $unknown = 110  scores above it are not believed
select image_id as key, format('BRISQUE {:.1f}, {} allowed', brisque, $poor) as reason
from current_quality where brisque > $poor and brisque <= $unknown;
