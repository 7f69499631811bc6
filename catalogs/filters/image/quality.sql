-- Photographs whose BRISQUE is over $poor. Above $unknown it says nothing of a picture's quality: the score of one that is
-- unlike all that the model learned from, such as a small thing on pure white, tends to 156.
-- $poor = 75      about 0 (pristine) to 100 (poor)
-- $unknown = 110  scores above it are not believed
select image_id as key, format('BRISQUE {:.1f}, {} allowed', brisque, $poor) as reason
from current_quality where brisque > $poor and brisque <= $unknown;
