// Made by tools/emoji_list.py.
export const LIST = `=smileys
😀 grinning grinning_face
😃 smiley grinning_face_with_big_eyes
😄 smile grinning_face_with_smiling_eyes
😁 grin beaming_face_with_smiling_eyes
😆 satisfied laughing grinning_squinting_face
😅 sweat_smile grinning_face_with_sweat
🤣 rofl rolling_on_the_floor_laughing
😂 joy face_with_tears_of_joy
🙂 slightly_smiling_face
🙃 upside_down_face
🫠 melting_face
😉 wink winking_face
😊 blush smiling_face_with_smiling_eyes
😇 innocent smiling_face_with_halo
🥰 smiling_face_with_three_hearts smiling_face_with_hearts
😍 heart_eyes smiling_face_with_heart_eyes
🤩 star_struck
😘 kissing_heart face_blowing_a_kiss
😗 kissing kissing_face
☺️ relaxed smiling_face
😚 kissing_closed_eyes kissing_face_with_closed_eyes
😙 kissing_smiling_eyes kissing_face_with_smiling_eyes
🥲 smiling_face_with_tear
😋 yum face_savoring_food
😛 stuck_out_tongue face_with_tongue
😜 stuck_out_tongue_winking_eye winking_face_with_tongue
🤪 zany_face
😝 stuck_out_tongue_closed_eyes squinting_face_with_tongue
🤑 money_mouth_face
🤗 hugging_face hugs smiling_face_with_open_hands
🤭 hand_over_mouth face_with_hand_over_mouth
🫢 face_with_open_eyes_and_hand_over_mouth
🫣 face_with_peeking_eye
🤫 shushing_face
🤔 thinking thinking_face
🫡 saluting_face
🤐 zipper_mouth_face
🤨 raised_eyebrow face_with_raised_eyebrow
😐 neutral_face
😑 expressionless expressionless_face
😶 no_mouth face_without_mouth
🫥 dotted_line_face
😶‍🌫️ face_in_clouds
😏 smirk smirking_face
😒 unamused unamused_face
🙄 roll_eyes face_with_rolling_eyes
😬 grimacing grimacing_face
😮‍💨 face_exhaling
🤥 lying_face
🫨 shaking_face
😌 relieved relieved_face
😔 pensive pensive_face
😪 sleepy sleepy_face
🤤 drooling_face
😴 sleeping sleeping_face
😷 mask face_with_medical_mask
🤒 face_with_thermometer
🤕 face_with_head_bandage
🤢 nauseated_face
🤮 vomiting_face face_vomiting
🤧 sneezing_face
🥵 hot_face
🥶 cold_face
🥴 woozy_face
😵 dizzy_face face_with_crossed_out_eyes knocked_out_face
😵‍💫 face_with_spiral_eyes
🤯 exploding_head
🤠 cowboy_hat_face
🥳 partying_face
🥸 disguised_face
😎 sunglasses smiling_face_with_sunglasses
🤓 nerd_face
🧐 monocle_face face_with_monocle
😕 confused confused_face
🫤 face_with_diagonal_mouth
😟 worried worried_face
🙁 slightly_frowning_face
☹️ white_frowning_face frowning_face
😮 open_mouth face_with_open_mouth
😯 hushed hushed_face
😲 astonished astonished_face
😳 flushed flushed_face
🥺 pleading_face
🥹 face_holding_back_tears
😦 frowning frowning_face_with_open_mouth
😧 anguished anguished_face
😨 fearful fearful_face
😰 cold_sweat anxious_face_with_sweat
😥 disappointed_relieved sad_but_relieved_face
😢 cry crying_face
😭 sob loudly_crying_face
😱 scream face_screaming_in_fear
😖 confounded confounded_face
😣 persevere persevering_face
😞 disappointed disappointed_face
😓 sweat downcast_face_with_sweat
😩 weary weary_face
😫 tired_face
🥱 yawning_face
😤 triumph face_with_steam_from_nose
😡 rage pout enraged_face
😠 angry angry_face
🤬 cursing_face face_with_symbols_on_mouth
😈 smiling_imp smiling_face_with_horns
👿 imp angry_face_with_horns
💀 skull
☠️ skull_and_crossbones
💩 poop hankey shit pile_of_poo
🤡 clown_face
👹 japanese_ogre ogre
👺 japanese_goblin goblin
👻 ghost
👽 alien
👾 space_invader alien_monster
🤖 robot_face robot
😺 smiley_cat grinning_cat
😸 smile_cat grinning_cat_with_smiling_eyes
😹 joy_cat cat_with_tears_of_joy
😻 heart_eyes_cat smiling_cat_with_heart_eyes
😼 smirk_cat cat_with_wry_smile
😽 kissing_cat
🙀 scream_cat weary_cat
😿 crying_cat_face crying_cat
😾 pouting_cat
🙈 see_no_evil see_no_evil_monkey
🙉 hear_no_evil hear_no_evil_monkey
🙊 speak_no_evil speak_no_evil_monkey
💌 love_letter
💘 cupid heart_with_arrow
💝 gift_heart heart_with_ribbon
💖 sparkling_heart
💗 heartpulse growing_heart
💓 heartbeat beating_heart
💞 revolving_hearts
💕 two_hearts
💟 heart_decoration
❣️ heavy_heart_exclamation heavy_heart_exclamation_mark_ornament heart_exclamation
💔 broken_heart
❤️‍🔥 heart_on_fire
❤️‍🩹 mending_heart
❤️ heart red_heart
🩷 pink_heart
🧡 orange_heart
💛 yellow_heart
💚 green_heart
💙 blue_heart
🩵 light_blue_heart
💜 purple_heart
🤎 brown_heart
🖤 black_heart
🩶 grey_heart
🤍 white_heart
💋 kiss kiss_mark
💯 100 hundred_points
💢 anger anger_symbol
💥 boom collision
💫 dizzy
💦 sweat_drops sweat_droplets
💨 dash dashing_away
🕳️ hole
💬 speech_balloon
👁️‍🗨️ eye_speech_bubble eye_in_speech_bubble
🗨️ left_speech_bubble
🗯️ right_anger_bubble
💭 thought_balloon
💤 zzz
=people
👋 wave waving_hand
🤚 raised_back_of_hand
🖐️ raised_hand_with_fingers_splayed hand_with_fingers_splayed
✋ hand raised_hand
🖖 raised_hand_with_part_between_middle_and_ring_fingers vulcan_salute
🫱 rightwards_hand
🫲 leftwards_hand
🫳 palm_down_hand
🫴 palm_up_hand
🫷 leftwards_pushing_hand
🫸 rightwards_pushing_hand
👌 ok_hand
🤌 pinched_fingers
🤏 pinching_hand
✌️ v victory_hand
🤞 crossed_fingers
🫰 hand_with_index_finger_and_thumb_crossed
🤟 love_you_gesture
🤘 metal sign_of_the_horns
🤙 call_me_hand
👈 point_left backhand_index_pointing_left
👉 point_right backhand_index_pointing_right
👆 point_up_2 backhand_index_pointing_up
🖕 fu reversed_hand_with_middle_finger_extended middle_finger
👇 point_down backhand_index_pointing_down
☝️ point_up index_pointing_up
🫵 index_pointing_at_the_viewer
👍 thumbsup +1 thumbs_up
👎 thumbsdown 1 -1 thumbs_down
✊ fist fist_raised raised_fist
👊 fist_oncoming punch facepunch oncoming_fist
🤛 fist_left left_facing_fist
🤜 fist_right right_facing_fist
👏 clap clapping_hands
🙌 raised_hands raising_hands
🫶 heart_hands
👐 open_hands
🤲 palms_up_together
🤝 handshake
🙏 pray folded_hands
✍️ writing_hand
💅 nail_care nail_polish
🤳 selfie
💪 muscle flexed_biceps
🦾 mechanical_arm
🦿 mechanical_leg
🦵 leg
🦶 foot
👂 ear
🦻 ear_with_hearing_aid
👃 nose
🧠 brain
🫀 anatomical_heart
🫁 lungs
🦷 tooth
🦴 bone
👀 eyes
👁️ eye
👅 tongue
👄 lips mouth
🫦 biting_lip
👶 baby
🧒 child
👦 boy
👧 girl
🧑 adult person
👱 blond_haired_person person_with_blond_hair person_blond_hair
👨 man
🧔 bearded_person person_beard
👩 woman
🧓 older_adult older_person
👴 older_man old_man
👵 older_woman old_woman
🙍 frowning_person person_frowning
🙎 pouting_face person_with_pouting_face person_pouting
🙅 no_good person_gesturing_no
🙆 ok_person person_gesturing_ok
💁 tipping_hand_person information_desk_person person_tipping_hand
🙋 raising_hand person_raising_hand
🧏 deaf_person
🙇 bow person_bowing
🤦 facepalm person_facepalming
🤷 shrug person_shrugging
👮 cop police_officer
🕵️ sleuth_or_spy detective
💂 guard
🥷 ninja
👷 construction_worker
🫅 person_with_crown
🤴 prince
👸 princess
👳 person_with_turban person_wearing_turban
👲 man_with_gua_pi_mao person_with_skullcap
🧕 woman_with_headscarf
🤵 person_in_tuxedo
👰 person_with_veil
🤰 pregnant_woman
🫃 pregnant_man
🫄 pregnant_person
🤱 breast_feeding
👼 angel baby_angel
🎅 santa santa_claus
🤶 mrs_claus mrs__claus
🦸 superhero
🦹 supervillain
🧙 mage
🧚 fairy
🧛 vampire
🧜 merperson
🧝 elf
🧞 genie
🧟 zombie
🧌 troll
💆 massage person_getting_massage
💇 haircut person_getting_haircut
🚶 walking person_walking
🧍 standing_person person_standing
🧎 kneeling_person person_kneeling
🏃 runner running person_running
💃 dancer woman_dancing
🕺 man_dancing
🕴️ business_suit_levitating man_in_business_suit_levitating person_in_suit_levitating
👯 dancers people_with_bunny_ears
🧖 sauna_person person_in_steamy_room
🧗 climbing person_climbing
🤺 person_fencing
🏇 horse_racing
⛷️ skier
🏂 snowboarder
🏌️ golfing golfer person_golfing
🏄 surfer person_surfing
🚣 rowboat person_rowing_boat
🏊 swimmer person_swimming
⛹️ bouncing_ball_person person_with_ball person_bouncing_ball
🏋️ weight_lifting weight_lifter person_lifting_weights
🚴 bicyclist person_biking
🚵 mountain_bicyclist person_mountain_biking
🤸 cartwheeling person_cartwheeling
🤼 wrestling people_wrestling
🤽 water_polo person_playing_water_polo
🤾 handball_person person_playing_handball
🤹 juggling_person person_juggling
🧘 lotus_position person_in_lotus_position
🛀 bath person_taking_bath
🛌 sleeping_bed sleeping_accommodation person_in_bed
👭 two_women_holding_hands women_holding_hands
👫 couple woman_and_man_holding_hands
👬 two_men_holding_hands men_holding_hands
💏 couplekiss kiss
💑 couple_with_heart
👪 family
🗣️ speaking_head_in_silhouette speaking_head
👤 bust_in_silhouette
👥 busts_in_silhouette
🫂 people_hugging
👣 footprints
=nature
🐵 monkey_face
🐒 monkey
🦍 harambe gorilla
🦧 orangutan
🐶 dog dog_face
🐕 dog2 dog
🦮 guide_dog
🐕‍🦺 service_dog
🐩 poodle
🐺 wolf
🦊 fox_face fox
🦝 raccoon
🐱 cat cat_face
🐈 cat2 cat
🐈‍⬛ black_cat
🦁 lion_face lion
🐯 tiger tiger_face
🐅 tiger2 tiger
🐆 leopard
🐴 horse horse_face
🫎 moose
🫏 donkey
🐎 racehorse horse
🦄 unicorn_face unicorn
🦓 zebra
🦌 deer
🦬 bison
🐮 cow cow_face
🐂 ox
🐃 water_buffalo
🐄 cow2 cow
🐷 pig pig_face
🐖 pig2 pig
🐗 boar
🐽 pig_nose
🐏 ram
🐑 sheep ewe
🐐 goat
🐪 dromedary_camel camel
🐫 camel two_hump_camel
🦙 llama
🦒 giraffe
🐘 elephant
🦣 mammoth
🦏 rhinoceros
🦛 hippopotamus
🐭 mouse mouse_face
🐁 mouse2 mouse
🐀 rat
🐹 hamster
🐰 rabbit rabbit_face
🐇 rabbit2 rabbit
🐿️ chipmunk
🦫 beaver
🦔 hedgehog
🦇 bat
🐻 bear
🐻‍❄️ polar_bear
🐨 koala
🐼 panda_face panda
🦥 sloth
🦦 otter
🦨 skunk
🦘 kangaroo
🦡 badger
🐾 feet paw_prints
🦃 turkey
🐔 chicken
🐓 rooster
🐣 hatching_chick
🐤 baby_chick
🐥 hatched_chick front_facing_baby_chick
🐦 bird
🐧 penguin
🕊️ dove_of_peace dove
🦅 eagle
🦆 duck
🦢 swan
🦉 owl
🦤 dodo
🪶 feather
🦩 flamingo
🦚 peacock
🦜 parrot
🪽 wing
🐦‍⬛ raven crow rook black_bird
🪿 goose
🐸 frog
🐊 crocodile
🐢 turtle
🦎 lizard
🐍 snake
🐲 dragon_face
🐉 dragon
🦕 sauropod
🦖 t_rex
🐳 whale spouting_whale
🐋 whale2 whale
🐬 flipper dolphin
🦭 seal
🐟 fish
🐠 tropical_fish
🐡 blowfish
🦈 shark
🐙 octopus
🐚 shell spiral_shell
🪸 coral
🪼 jellyfish
🐌 snail
🦋 butterfly
🐛 bug
🐜 ant
🐝 bee honeybee
🪲 beetle
🐞 beetle lady_beetle
🦗 cricket
🪳 cockroach
🕷️ spider
🕸️ spider_web
🦂 scorpion
🦟 mosquito
🪰 fly
🪱 worm
🦠 microbe
💐 bouquet
🌸 cherry_blossom
💮 white_flower
🪷 lotus
🏵️ rosette
🌹 rose
🥀 wilted_flower
🌺 hibiscus
🌻 sunflower
🌼 blossom
🌷 tulip
🪻 hyacinth
🌱 seedling
🪴 potted_plant
🌲 evergreen_tree
🌳 deciduous_tree
🌴 palm_tree
🌵 cactus
🌾 ear_of_rice sheaf_of_rice
🌿 herb
☘️ shamrock
🍀 four_leaf_clover
🍁 maple_leaf
🍂 fallen_leaf
🍃 leaves leaf_fluttering_in_wind
🪹 empty_nest
🪺 nest_with_eggs
🍄 mushroom
=food
🍇 grapes
🍈 melon
🍉 watermelon
🍊 orange mandarin tangerine
🍋 lemon
🍌 banana
🍍 pineapple
🥭 mango
🍎 apple red_apple
🍏 green_apple
🍐 pear
🍑 peach
🍒 cherries
🍓 strawberry
🫐 blueberries
🥝 kiwi_fruit
🍅 tomato
🫒 olive
🥥 coconut
🥑 avocado
🍆 eggplant
🥔 potato
🥕 carrot
🌽 corn ear_of_corn
🌶️ hot_pepper
🫑 bell_pepper
🥒 cucumber
🥬 leafy_green
🥦 broccoli
🧄 garlic
🧅 onion
🥜 peanuts
🫘 beans
🌰 chestnut
🫚 ginger_root
🫛 pea_pod
🍞 bread
🥐 croissant
🥖 baguette_bread
🫓 flatbread
🥨 pretzel
🥯 bagel
🥞 pancakes
🧇 waffle
🧀 cheese cheese_wedge
🍖 meat_on_bone
🍗 poultry_leg
🥩 cut_of_meat
🥓 bacon
🍔 hamburger
🍟 fries french_fries
🍕 pizza
🌭 hotdog hot_dog
🥪 sandwich
🌮 taco
🌯 burrito
🫔 tamale
🥙 stuffed_flatbread
🧆 falafel
🥚 egg2 egg
🍳 egg fried_egg cooking
🥘 shallow_pan_of_food
🍲 stew pot_of_food
🫕 fondue
🥣 bowl_with_spoon
🥗 green_salad
🍿 popcorn
🧈 butter
🧂 salt
🥫 canned_food
🍱 bento bento_box
🍘 rice_cracker
🍙 rice_ball
🍚 rice cooked_rice
🍛 curry curry_rice
🍜 ramen steaming_bowl
🍝 spaghetti
🍠 sweet_potato roasted_sweet_potato
🍢 oden
🍣 sushi
🍤 fried_shrimp
🍥 fish_cake fish_cake_with_swirl
🥮 moon_cake
🍡 dango
🥟 dumpling
🥠 fortune_cookie
🥡 takeout_box
🦀 crab
🦞 lobster
🦐 shrimp
🦑 squid
🦪 oyster
🍦 icecream soft_ice_cream
🍧 shaved_ice
🍨 ice_cream
🍩 doughnut
🍪 cookie
🎂 birthday birthday_cake
🍰 cake shortcake
🧁 cupcake
🥧 pie
🍫 chocolate_bar
🍬 candy
🍭 lollipop
🍮 custard
🍯 honey_pot
🍼 baby_bottle
🥛 milk_glass glass_of_milk
☕ coffee hot_beverage
🫖 teapot
🍵 tea teacup_without_handle
🍶 sake
🍾 champagne bottle_with_popping_cork
🍷 wine_glass
🍸 cocktail cocktail_glass
🍹 tropical_drink
🍺 beer beer_mug
🍻 beers clinking_beer_mugs
🥂 clinking_glasses
🥃 tumbler_glass
🫗 pouring_liquid
🥤 cup_with_straw
🧋 bubble_tea
🧃 beverage_box
🧉 mate
🧊 ice_cube ice
🥢 chopsticks
🍽️ plate_with_cutlery fork_and_knife_with_plate
🍴 fork_and_knife
🥄 spoon
🔪 hocho knife kitchen_knife
🫙 jar
🏺 amphora
=travel
🌍 earth_africa globe_showing_europe_africa
🌎 earth_americas globe_showing_americas
🌏 earth_asia globe_showing_asia_australia
🌐 globe_with_meridians
🗺️ world_map
🗾 japan map_of_japan
🧭 compass
🏔️ mountain_snow snow_capped_mountain
⛰️ mountain
🌋 volcano
🗻 mount_fuji
🏕️ camping
🏖️ beach_umbrella beach_with_umbrella
🏜️ desert
🏝️ desert_island
🏞️ national_park
🏟️ stadium
🏛️ classical_building
🏗️ building_construction
🧱 bricks brick
🪨 rock
🪵 wood
🛖 hut
🏘️ house_buildings houses
🏚️ derelict_house_building derelict_house
🏠 house
🏡 house_with_garden
🏢 office office_building
🏣 post_office japanese_post_office
🏤 european_post_office post_office
🏥 hospital
🏦 bank
🏨 hotel
🏩 love_hotel
🏪 convenience_store
🏫 school
🏬 department_store
🏭 factory
🏯 japanese_castle
🏰 european_castle castle
💒 wedding
🗼 tokyo_tower
🗽 statue_of_liberty
⛪ church
🕌 mosque
🛕 hindu_temple
🕍 synagogue
⛩️ shinto_shrine
🕋 kaaba
⛲ fountain
⛺ tent
🌁 foggy
🌃 night_with_stars
🏙️ cityscape
🌄 sunrise_over_mountains
🌅 sunrise
🌆 city_sunset cityscape_at_dusk
🌇 city_sunrise sunset
🌉 bridge_at_night
♨️ hotsprings hot_springs
🎠 carousel_horse
🛝 playground_slide
🎡 ferris_wheel
🎢 roller_coaster
💈 barber barber_pole
🎪 circus_tent
🚂 steam_locomotive locomotive
🚃 railway_car
🚄 bullettrain_side high_speed_train
🚅 bullettrain_front bullet_train
🚆 train2 train
🚇 metro
🚈 light_rail
🚉 station
🚊 tram
🚝 monorail
🚞 mountain_railway
🚋 train tram_car
🚌 bus
🚍 oncoming_bus
🚎 trolleybus
🚐 minibus
🚑 ambulance
🚒 fire_engine
🚓 police_car
🚔 oncoming_police_car
🚕 taxi
🚖 oncoming_taxi
🚗 car red_car automobile
🚘 oncoming_automobile
🚙 blue_car sport_utility_vehicle
🛻 pickup_truck
🚚 truck delivery_truck
🚛 articulated_lorry
🚜 tractor
🏎️ racing_car
🏍️ racing_motorcycle motorcycle
🛵 motor_scooter
🦽 manual_wheelchair
🦼 motorized_wheelchair
🛺 auto_rickshaw
🚲 bike bicycle
🛴 kick_scooter
🛹 skateboard
🛼 roller_skate
🚏 busstop bus_stop
🛣️ motorway
🛤️ railway_track
🛢️ oil_drum
⛽ fuelpump fuel_pump
🛞 wheel
🚨 rotating_light police_car_light
🚥 traffic_light horizontal_traffic_light
🚦 vertical_traffic_light
🛑 stop_sign
🚧 construction
⚓ anchor
🛟 ring_buoy
⛵ boat sailboat
🛶 canoe
🚤 speedboat
🛳️ passenger_ship
⛴️ ferry
🛥️ motor_boat
🚢 ship
✈️ airplane
🛩️ small_airplane
🛫 flight_departure airplane_departure
🛬 airplane_arriving flight_arrival airplane_arrival
🪂 parachute
💺 seat
🚁 helicopter
🚟 suspension_railway
🚠 mountain_cableway
🚡 aerial_tramway
🛰️ artificial_satellite satellite
🚀 rocket
🛸 flying_saucer
🛎️ bellhop_bell
🧳 luggage
⌛ hourglass hourglass_done
⏳ hourglass_flowing_sand hourglass_not_done
⌚ watch
⏰ alarm_clock
⏱️ stopwatch
⏲️ timer_clock
🕰️ mantelpiece_clock
🕛 clock12 twelve_oclock
🕧 clock1230 twelve_thirty
🕐 clock1 one_oclock
🕜 clock130 one_thirty
🕑 clock2 two_oclock
🕝 clock230 two_thirty
🕒 clock3 three_oclock
🕞 clock330 three_thirty
🕓 clock4 four_oclock
🕟 clock430 four_thirty
🕔 clock5 five_oclock
🕠 clock530 five_thirty
🕕 clock6 six_oclock
🕡 clock630 six_thirty
🕖 clock7 seven_oclock
🕢 clock730 seven_thirty
🕗 clock8 eight_oclock
🕣 clock830 eight_thirty
🕘 clock9 nine_oclock
🕤 clock930 nine_thirty
🕙 clock10 ten_oclock
🕥 clock1030 ten_thirty
🕚 clock11 eleven_oclock
🕦 clock1130 eleven_thirty
🌑 new_moon
🌒 waxing_crescent_moon
🌓 first_quarter_moon
🌔 moon waxing_gibbous_moon
🌕 full_moon
🌖 waning_gibbous_moon
🌗 last_quarter_moon
🌘 waning_crescent_moon
🌙 crescent_moon
🌚 new_moon_with_face new_moon_face
🌛 first_quarter_moon_with_face first_quarter_moon_face
🌜 last_quarter_moon_with_face last_quarter_moon_face
🌡️ thermometer
☀️ sunny sun
🌝 full_moon_with_face full_moon_face
🌞 sun_with_face
🪐 ringed_planet
⭐ star
🌟 star2 glowing_star
🌠 stars shooting_star
🌌 milky_way
☁️ cloud
⛅ partly_sunny sun_behind_cloud
⛈️ thunder_cloud_and_rain cloud_with_lightning_and_rain
🌤️ white_sun_with_small_cloud sun_behind_small_cloud
🌥️ white_sun_behind_cloud sun_behind_large_cloud
🌦️ white_sun_behind_cloud_with_rain sun_behind_rain_cloud
🌧️ cloud_with_rain
🌨️ cloud_with_snow
🌩️ cloud_with_lightning
🌪️ cloud_with_tornado tornado
🌫️ fog
🌬️ wind_blowing_face wind_face
🌀 cyclone
🌈 rainbow
🌂 closed_umbrella
☂️ open_umbrella umbrella
☔ umbrella umbrella_with_rain_drops
⛱️ parasol_on_ground umbrella_on_ground
⚡ zap high_voltage
❄️ snowflake
☃️ snowman_with_snow snowman
⛄ snowman snowman_without_snow
☄️ comet
🔥 fire
💧 droplet
🌊 ocean water_wave
=activities
🎃 jack_o_lantern
🎄 christmas_tree
🎆 fireworks
🎇 sparkler
🧨 firecracker
✨ sparkles
🎈 balloon
🎉 tada party_popper
🎊 confetti_ball
🎋 tanabata_tree
🎍 bamboo pine_decoration
🎎 dolls japanese_dolls
🎏 flags carp_streamer
🎐 wind_chime
🎑 rice_scene moon_viewing_ceremony
🧧 red_envelope
🎀 ribbon
🎁 gift wrapped_gift
🎗️ reminder_ribbon
🎟️ tickets admission_tickets
🎫 ticket
🎖️ medal_military military_medal
🏆 trophy
🏅 medal_sports sports_medal
🥇 1st_place_medal
🥈 2nd_place_medal
🥉 3rd_place_medal
⚽ soccer soccer_ball
⚾ baseball
🥎 softball
🏀 basketball
🏐 volleyball
🏈 football american_football
🏉 rugby_football
🎾 tennis
🥏 flying_disc
🎳 bowling
🏏 cricket_bat_and_ball cricket_game
🏑 field_hockey_stick_and_ball field_hockey
🏒 ice_hockey_stick_and_puck ice_hockey
🥍 lacrosse
🏓 table_tennis_paddle_and_ball ping_pong
🏸 badminton_racquet_and_shuttlecock badminton
🥊 boxing_glove
🥋 martial_arts_uniform
🥅 goal_net
⛳ golf flag_in_hole
⛸️ ice_skate
🎣 fishing_pole_and_fish fishing_pole
🤿 diving_mask
🎽 running_shirt_with_sash running_shirt
🎿 ski skis
🛷 sled
🥌 curling_stone
🎯 dart bullseye
🪀 yo_yo
🪁 kite
🔫 gun water_pistol
🎱 8ball pool_8_ball
🔮 crystal_ball
🪄 magic_wand
🎮 video_game
🕹️ joystick
🎰 slot_machine
🎲 game_die
🧩 jigsaw puzzle_piece
🧸 teddy_bear
🪅 pinata piñata
🪩 mirror_ball
🪆 nesting_dolls
♠️ spades spade_suit
♥️ hearts heart_suit
♦️ diamonds diamond_suit
♣️ clubs club_suit
♟️ chess_pawn
🃏 black_joker joker
🀄 mahjong mahjong_red_dragon
🎴 flower_playing_cards
🎭 performing_arts
🖼️ frame_with_picture framed_picture
🎨 art artist_palette
🧵 thread
🪡 sewing_needle
🧶 yarn
🪢 knot
=objects
👓 eyeglasses glasses
🕶️ dark_sunglasses sunglasses
🥽 goggles
🥼 lab_coat
🦺 safety_vest
👔 necktie
👕 tshirt shirt t_shirt
👖 jeans
🧣 scarf
🧤 gloves
🧥 coat
🧦 socks
👗 dress
👘 kimono
🥻 sari
🩱 one_piece_swimsuit
🩲 swim_brief briefs
🩳 shorts
👙 bikini
👚 womans_clothes
🪭 folding_hand_fan
👛 purse
👜 handbag
👝 pouch clutch_bag
🛍️ shopping shopping_bags
🎒 school_satchel backpack
🩴 thong_sandal
👞 mans_shoe shoe
👟 athletic_shoe running_shoe
🥾 hiking_boot
🥿 flat_shoe
👠 high_heel high_heeled_shoe
👡 sandal womans_sandal
🩰 ballet_shoes
👢 boot womans_boot
🪮 hair_pick
👑 crown
👒 womans_hat
🎩 tophat top_hat
🎓 mortar_board graduation_cap
🧢 billed_cap
🪖 military_helmet
⛑️ helmet_with_white_cross rescue_worker_helmet rescue_workers_helmet
📿 prayer_beads
💄 lipstick
💍 ring
💎 gem gem_stone
🔇 mute muted_speaker
🔈 speaker speaker_low_volume
🔉 sound speaker_medium_volume
🔊 loud_sound speaker_high_volume
📢 loudspeaker
📣 mega megaphone
📯 postal_horn
🔔 bell
🔕 no_bell bell_with_slash
🎼 musical_score
🎵 musical_note
🎶 notes musical_notes
🎙️ studio_microphone
🎚️ level_slider
🎛️ control_knobs
🎤 microphone
🎧 headphones headphone
📻 radio
🎷 saxophone
🪗 accordion
🎸 guitar
🎹 musical_keyboard
🎺 trumpet
🎻 violin
🪕 banjo
🥁 drum
🪘 long_drum
🪇 maracas
🪈 flute
📱 iphone mobile_phone
📲 calling mobile_phone_with_arrow
☎️ phone telephone
📞 telephone_receiver
📟 pager
📠 fax fax_machine
🔋 battery
🪫 low_battery
🔌 electric_plug
💻 computer laptop
🖥️ desktop_computer
🖨️ printer
⌨️ keyboard
🖱️ three_button_mouse computer_mouse
🖲️ trackball
💽 minidisc computer_disk
💾 floppy_disk
💿 cd optical_disk
📀 dvd
🧮 abacus
🎥 movie_camera
🎞️ film_strip film_frames
📽️ film_projector
🎬 clapper clapper_board
📺 tv television
📷 camera
📸 camera_flash camera_with_flash
📹 video_camera
📼 vhs videocassette
🔍 mag magnifying_glass_tilted_left
🔎 mag_right magnifying_glass_tilted_right
🕯️ candle
💡 bulb light_bulb
🔦 flashlight
🏮 izakaya_lantern lantern red_paper_lantern
🪔 diya_lamp
📔 notebook_with_decorative_cover
📕 closed_book
📖 book open_book
📗 green_book
📘 blue_book
📙 orange_book
📚 books
📓 notebook
📒 ledger
📃 page_with_curl
📜 scroll
📄 page_facing_up
📰 newspaper
🗞️ rolled_up_newspaper newspaper_roll
📑 bookmark_tabs
🔖 bookmark
🏷️ label
💰 moneybag money_bag
🪙 coin
💴 yen yen_banknote
💵 dollar dollar_banknote
💶 euro euro_banknote
💷 pound pound_banknote
💸 money_with_wings
💳 credit_card
🧾 receipt
💹 chart chart_increasing_with_yen
✉️ envelope
📧 email e_mail
📨 incoming_envelope
📩 envelope_with_arrow
📤 outbox_tray
📥 inbox_tray
📦 package
📫 mailbox closed_mailbox_with_raised_flag
📪 mailbox_closed closed_mailbox_with_lowered_flag
📬 mailbox_with_mail open_mailbox_with_raised_flag
📭 mailbox_with_no_mail open_mailbox_with_lowered_flag
📮 postbox
🗳️ ballot_box ballot_box_with_ballot
✏️ pencil2 pencil
✒️ black_nib
🖋️ lower_left_fountain_pen fountain_pen
🖊️ lower_left_ballpoint_pen pen
🖌️ lower_left_paintbrush paintbrush
🖍️ lower_left_crayon crayon
📝 pencil memo
💼 briefcase
📁 file_folder
📂 open_file_folder
🗂️ card_index_dividers
📅 date calendar
📆 calendar tear_off_calendar
🗒️ spiral_note_pad spiral_notepad
🗓️ spiral_calendar_pad spiral_calendar
📇 card_index
📈 chart_with_upwards_trend chart_increasing
📉 chart_with_downwards_trend chart_decreasing
📊 bar_chart
📋 clipboard
📌 pushpin
📍 round_pushpin
📎 paperclip
🖇️ paperclips linked_paperclips
📏 straight_ruler
📐 triangular_ruler
✂️ scissors
🗃️ card_file_box
🗄️ file_cabinet
🗑️ wastebasket
🔒 lock locked
🔓 unlock unlocked
🔏 lock_with_ink_pen locked_with_pen
🔐 closed_lock_with_key locked_with_key
🔑 key
🗝️ old_key
🔨 hammer
🪓 axe
⛏️ pick
⚒️ hammer_and_pick
🛠️ hammer_and_wrench
🗡️ dagger_knife dagger
⚔️ crossed_swords
💣 bomb
🪃 boomerang
🏹 bow_and_arrow
🛡️ shield
🪚 carpentry_saw
🔧 wrench
🪛 screwdriver
🔩 nut_and_bolt
⚙️ gear
🗜️ compression clamp
⚖️ scales balance_scale
🦯 probing_cane white_cane
🔗 link
⛓️ chains
🪝 hook
🧰 toolbox
🧲 magnet
🪜 ladder
⚗️ alembic
🧪 test_tube
🧫 petri_dish
🧬 dna
🔬 microscope
🔭 telescope
📡 satellite satellite_antenna
💉 syringe
🩸 drop_of_blood
💊 pill
🩹 adhesive_bandage
🩼 crutch
🩺 stethoscope
🩻 x_ray
🚪 door
🛗 elevator
🪞 mirror
🪟 window
🛏️ bed
🛋️ couch_and_lamp
🪑 chair
🚽 toilet
🪠 plunger
🚿 shower
🛁 bathtub
🪤 mouse_trap
🪒 razor
🧴 lotion_bottle
🧷 safety_pin
🧹 broom
🧺 basket
🧻 roll_of_paper
🪣 bucket
🧼 soap
🫧 bubbles
🪥 toothbrush
🧽 sponge
🧯 fire_extinguisher
🛒 shopping_cart
🚬 smoking cigarette
⚰️ coffin
🪦 headstone
⚱️ funeral_urn
🧿 nazar_amulet
🪬 hamsa
🗿 moyai moai
🪧 placard
🪪 identification_card
=symbols
🏧 atm atm_sign
🚮 put_litter_in_its_place litter_in_bin_sign
🚰 potable_water
♿ wheelchair wheelchair_symbol
🚹 mens mens_room
🚺 womens womens_room
🚻 restroom
🚼 baby_symbol
🚾 wc water_closet
🛂 passport_control
🛃 customs
🛄 baggage_claim
🛅 left_luggage
⚠️ warning
🚸 children_crossing
⛔ no_entry
🚫 no_entry_sign prohibited
🚳 no_bicycles
🚭 no_smoking
🚯 do_not_litter no_littering
🚱 non_potable_water
🚷 no_pedestrians
📵 no_mobile_phones
🔞 underage no_one_under_eighteen
☢️ radioactive_sign radioactive
☣️ biohazard_sign biohazard
⬆️ arrow_up up_arrow
↗️ arrow_upper_right up_right_arrow
➡️ arrow_right right_arrow
↘️ arrow_lower_right down_right_arrow
⬇️ arrow_down down_arrow
↙️ arrow_lower_left down_left_arrow
⬅️ arrow_left left_arrow
↖️ arrow_upper_left up_left_arrow
↕️ arrow_up_down up_down_arrow
↔️ left_right_arrow
↩️ leftwards_arrow_with_hook right_arrow_curving_left
↪️ arrow_right_hook left_arrow_curving_right
⤴️ arrow_heading_up right_arrow_curving_up
⤵️ arrow_heading_down right_arrow_curving_down
🔃 arrows_clockwise clockwise_vertical_arrows
🔄 arrows_counterclockwise counterclockwise_arrows_button
🔙 back back_arrow
🔚 end end_arrow
🔛 on on_arrow on__arrow
🔜 soon soon_arrow
🔝 top top_arrow
🛐 place_of_worship
⚛️ atom_symbol
🕉️ om_symbol om
✡️ star_of_david
☸️ wheel_of_dharma
☯️ yin_yang
✝️ latin_cross
☦️ orthodox_cross
☪️ star_and_crescent
☮️ peace_symbol
🕎 menorah_with_nine_branches menorah
🔯 six_pointed_star dotted_six_pointed_star
🪯 khanda
♈ aries
♉ taurus
♊ gemini
♋ cancer
♌ leo
♍ virgo
♎ libra
♏ scorpius scorpio
♐ sagittarius
♑ capricorn
♒ aquarius
♓ pisces
⛎ ophiuchus
🔀 twisted_rightwards_arrows shuffle_tracks_button
🔁 repeat repeat_button
🔂 repeat_one repeat_single_button
▶️ arrow_forward play_button
⏩ fast_forward fast_forward_button
⏭️ black_right_pointing_double_triangle_with_vertical_bar next_track_button
⏯️ black_right_pointing_triangle_with_double_vertical_bar play_or_pause_button
◀️ arrow_backward reverse_button
⏪ rewind fast_reverse_button
⏮️ previous_track_button black_left_pointing_double_triangle_with_vertical_bar last_track_button
🔼 arrow_up_small upwards_button
⏫ arrow_double_up fast_up_button
🔽 arrow_down_small downwards_button
⏬ arrow_double_down fast_down_button
⏸️ double_vertical_bar pause_button
⏹️ black_square_for_stop stop_button
⏺️ black_circle_for_record record_button
⏏️ eject_symbol eject_button
🎦 cinema
🔅 low_brightness dim_button
🔆 high_brightness bright_button
📶 signal_strength antenna_bars
🛜 wireless
📳 vibration_mode
📴 mobile_phone_off
⚧️ transgender_symbol
✖️ heavy_multiplication_x multiply
➕ heavy_plus_sign plus
➖ heavy_minus_sign minus
➗ heavy_division_sign divide
🟰 heavy_equals_sign
♾️ infinity
‼️ bangbang double_exclamation_mark
⁉️ interrobang exclamation_question_mark
❓ question red_question_mark
❔ grey_question white_question_mark
❕ grey_exclamation white_exclamation_mark
❗ heavy_exclamation_mark exclamation red_exclamation_mark
〰️ wavy_dash
💱 currency_exchange
💲 heavy_dollar_sign
⚕️ medical_symbol
♻️ recycle recycling_symbol
⚜️ fleur_de_lis
🔱 trident trident_emblem
📛 name_badge
🔰 beginner japanese_symbol_for_beginner
⭕ o hollow_red_circle
✅ white_check_mark check_mark_button
☑️ ballot_box_with_check check_box_with_check
✔️ heavy_check_mark check_mark
❌ x cross_mark
❎ negative_squared_cross_mark cross_mark_button
➰ curly_loop
➿ loop double_curly_loop
〽️ part_alternation_mark
✳️ eight_spoked_asterisk
✴️ eight_pointed_black_star eight_pointed_star
❇️ sparkle
©️ copyright
®️ registered
™️ tm trade_mark
#️⃣ hash keycap
*️⃣ asterisk keycap
0️⃣ zero keycap_0
1️⃣ one keycap_1
2️⃣ two keycap_2
3️⃣ three keycap_3
4️⃣ four keycap_4
5️⃣ five keycap_5
6️⃣ six keycap_6
7️⃣ seven keycap_7
8️⃣ eight keycap_8
9️⃣ nine keycap_9
🔟 ten keycap_ten keycap_10
🔠 capital_abcd input_latin_uppercase
🔡 abcd input_latin_lowercase
🔢 1234 input_numbers
🔣 symbols input_symbols
🔤 abc input_latin_letters
🅰️ a a_button_blood_type a_button__blood_type
🆎 ab ab_button_blood_type ab_button__blood_type
🅱️ b b_button_blood_type b_button__blood_type
🆑 cl cl_button
🆒 cool cool_button
🆓 free free_button
ℹ️ information_source information
🆔 id id_button
Ⓜ️ m circled_m
🆕 new new_button
🆖 ng ng_button
🅾️ o2 o_button_blood_type o_button__blood_type
🆗 ok ok_button
🅿️ parking p_button
🆘 sos sos_button
🆙 up up_button up__button
🆚 vs vs_button
🈁 koko japanese_here_button
🈂️ sa japanese_service_charge_button
🈷️ u6708 japanese_monthly_amount_button
🈶 u6709 japanese_not_free_of_charge_button
🈯 u6307 japanese_reserved_button
🉐 ideograph_advantage japanese_bargain_button
🈹 u5272 japanese_discount_button
🈚 u7121 japanese_free_of_charge_button
🈲 u7981 japanese_prohibited_button
🉑 accept japanese_acceptable_button
🈸 u7533 japanese_application_button
🈴 u5408 japanese_passing_grade_button
🈳 u7a7a japanese_vacancy_button
㊗️ congratulations japanese_congratulations_button
㊙️ secret japanese_secret_button
🈺 u55b6 japanese_open_for_business_button
🈵 u6e80 japanese_no_vacancy_button
🔴 red_circle
🟠 orange_circle
🟡 yellow_circle
🟢 green_circle
🔵 large_blue_circle blue_circle
🟣 purple_circle
🟤 brown_circle
⚫ black_circle
⚪ white_circle
🟥 red_square
🟧 orange_square
🟨 yellow_square
🟩 green_square
🟦 blue_square
🟪 purple_square
🟫 brown_square
⬛ black_large_square
⬜ white_large_square
◼️ black_medium_square
◻️ white_medium_square
◾ black_medium_small_square
◽ white_medium_small_square
▪️ black_small_square
▫️ white_small_square
🔶 large_orange_diamond
🔷 large_blue_diamond
🔸 small_orange_diamond
🔹 small_blue_diamond
🔺 small_red_triangle red_triangle_pointed_up
🔻 small_red_triangle_down red_triangle_pointed_down
💠 diamond_shape_with_a_dot_inside diamond_with_a_dot
🔘 radio_button
🔳 white_square_button
🔲 black_square_button
=flags
🏁 checkered_flag chequered_flag
🚩 triangular_flag_on_post triangular_flag
🎌 crossed_flags
🏴 waving_black_flag black_flag
🏳️ waving_white_flag white_flag
🏳️‍🌈 rainbow_flag
🏳️‍⚧️ transgender_flag
🏴‍☠️ pirate_flag
🏴󠁧󠁢󠁥󠁮󠁧󠁿 england
🏴󠁧󠁢󠁳󠁣󠁴󠁿 scotland
🏴󠁧󠁢󠁷󠁬󠁳󠁿 wales
=regions
AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CP CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW`;
